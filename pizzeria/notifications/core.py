"""Which status may follow which, and how a call is signed. No AWS."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Literal

from pydantic import BaseModel

Status = Literal["PLACED", "CONFIRMED", "DUE", "DELIVERED", "FAILED"]

RANK: dict[Status, int] = {"PLACED": 0, "CONFIRMED": 1, "DUE": 2, "DELIVERED": 3, "FAILED": 9}
"""Events come in any order; a status never goes back to a lower rank."""

FINAL: tuple[Status, ...] = ("DELIVERED", "FAILED")


class Change(BaseModel):
    """What an event means for the status of an order."""

    order_id: str
    status: Status
    reason: str | None = None
    callback_url: str | None = None


def retry_after_s(receives: int) -> int:
    """Return how long to wait after the n-th failed call: 10 s, 20 s, 40 s … at most an hour."""
    return int(min(10 * 2 ** (receives - 1), 3600))


def sign(secret: bytes, host: str, id: str, timestamp: int, body: str) -> str:
    """Return the ``webhook-signature`` of a call, as https://www.standardwebhooks.com specifies it.

    Each host has a key of its own, derived from the one secret: nobody can sign for somebody else.
    """
    key = signing_key(secret, host)
    digest = hmac.new(key, f"{id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def signing_key(secret: bytes, host: str) -> bytes:
    """Return the key that a customer is told on signing up, and with which they check our signature."""
    return hmac.new(secret, host.encode(), hashlib.sha256).digest()
