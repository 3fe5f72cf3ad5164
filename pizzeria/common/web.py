"""Answers of an API Gateway HTTP API (payload format 2.0)."""

from __future__ import annotations

import json
from typing import Any


def reply(code: int, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    """Return a JSON answer; ``retry_after="1"`` becomes the header ``retry-after``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "statusCode": code,
        "headers": {"content-type": "application/json", **named},
        "body": json.dumps(body),
    }
