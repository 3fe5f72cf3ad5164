"""Who may open what travels sealed: of each seal one function, by its role, and nobody else."""

from __future__ import annotations

import base64
from typing import Any

from botocore.exceptions import ClientError

from tests.operations.deployment import wait_until


def test_an_address_is_opened_by_the_courier_and_a_card_by_payments_and_by_nobody_else(
    restaurant, number
):
    order = number()
    seen = restaurant.listen()
    restaurant.place(order_id=order, delivery={"address": "Vicolo Segreto 7"})
    placed = wait_until(lambda: [m["data"] for m in seen() if m["subject"] == order])[0]
    assert openers(restaurant, order, placed["delivery"]["address"]) == {"delivery-courier"}
    assert openers(restaurant, order, placed["card"]) == {"payments"}


def openers(restaurant, order: str, sealed: str) -> set[str]:
    """Return the functions that could open an order's seal; AWS refuses it to all others."""
    iam, functions = restaurant.client("iam"), restaurant.client("lambda")
    letter: dict[str, Any] = {
        "CiphertextBlob": base64.b64decode(sealed),
        "EncryptionContext": {"order_id": order},
    }
    found = set()
    for function in functions.list_functions()["Functions"]:
        name, role = function["FunctionName"], function["Role"].rpartition("/")[2]
        policy = iam.get_role_policy(RoleName=role, PolicyName="own")["PolicyDocument"]
        somebody = restaurant.account.caller(f"with the rights of {name}", policy)
        try:
            somebody.client("kms").decrypt(**letter)
            found.add(name)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDeniedException"
            assert "kms:Decrypt" in str(error)
    return found
