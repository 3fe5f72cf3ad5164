"""Personal data that travels sealed: encrypted with KMS where it enters, opened only where it is needed.

The key's policy says who may open; the encryption context ties a seal to its order, so that one
order's seal is no use in another's message.
"""

from __future__ import annotations

import base64

from pizzeria.common.aws import client


def seal(text: str, *, key_id: str, order_id: str) -> str:
    """Return `text` (at most 4096 bytes) encrypted, in base64."""
    reply = client("kms").encrypt(
        KeyId=key_id, Plaintext=text.encode(), EncryptionContext={"order_id": order_id}
    )
    return base64.b64encode(reply["CiphertextBlob"]).decode()


def unseal(sealed: str, *, key_id: str, order_id: str) -> str:
    """Return the text again; raises botocore's ClientError for who may not, or for another order."""
    reply = client("kms").decrypt(
        KeyId=key_id,
        CiphertextBlob=base64.b64decode(sealed),
        EncryptionContext={"order_id": order_id},
    )
    return bytes(reply["Plaintext"]).decode()
