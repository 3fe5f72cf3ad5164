"""The claim check: what is too large to travel waits in S3, and a claim travels in its place.

A claim names no bucket: who redeems it looks into the one bucket it was given, never where a message says.
Environment: ``CLAIMS_BUCKET``, whose lifecycle rule clears away what was forgotten.
"""

from __future__ import annotations

import hashlib
import os

from botocore.exceptions import ClientError
from pydantic import BaseModel

from pizzeria.common.aws import client, failed_with

LARGEST_INLINE = 32 * 1024
"""Bytes of UTF-8. Well below what SQS and EventBridge take (1 MiB) and a DynamoDB item (400 KB) holds."""


class Claim(BaseModel):
    """What is needed to fetch a coat and to know it again."""

    key: str
    size: int
    sha256: str


class CoatGone(Exception):
    """What was checked in is not there, or is no longer what it was."""


def check_in(text: str, key: str) -> str | Claim:
    """Return `text` itself if it is small, else the claim for it, once it is safe in S3."""
    content = text.encode()
    if len(content) <= LARGEST_INLINE:
        return text
    digest = hashlib.sha256(content).hexdigest()
    # Named by its content: checked in twice it is the same coat, and no coat replaces another.
    key = f"claims/{key}/{digest}"
    client("s3").put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=content)
    return Claim(key=key, size=len(content), sha256=digest)


def redeem(coat: str | Claim) -> str:
    """Return the text that was checked in; raises CoatGone."""
    if isinstance(coat, str):
        return coat
    try:
        found = client("s3").get_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=coat.key)
    except ClientError as error:
        if failed_with(error, "NoSuchKey"):
            raise CoatGone(f"{coat.key} is not there any more") from None
        raise
    content = found["Body"].read(coat.size + 1)
    if hashlib.sha256(content).hexdigest() != coat.sha256:
        raise CoatGone(f"{coat.key} is not what was checked in")
    return str(content, "utf-8")
