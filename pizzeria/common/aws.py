"""boto3 clients, made once for as long as this process lives, and DynamoDB's way of writing values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import ClientError

# "standard" retries what is worth retrying, with jitter, and gives up in time to tell the caller.
_POLITE = Config(retries={"mode": "standard", "total_max_attempts": 3})


@cache
def client(service: str, endpoint_url: str | None = None) -> Any:
    """Return this process's client of an AWS service."""
    return boto3.client(service, endpoint_url=endpoint_url, config=_POLITE)  # type: ignore[call-overload]


def failed_with(error: ClientError, code: str) -> bool:
    """Whether AWS refused a call with this error code."""
    return error.response["Error"]["Code"] == code


def failed_conditions(error: ClientError) -> list[bool] | None:
    """Return which writes of a transaction failed their condition, or None if that is not why it failed.

    None (a conflict, throttling …) is worth another try; a failed condition is an answer.
    """
    if not failed_with(error, "TransactionCanceledException"):
        return None
    codes = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
    if set(codes) - {"None", None, "ConditionalCheckFailed"}:
        return None
    return [code == "ConditionalCheckFailed" for code in codes]


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain values as DynamoDB writes them, without those that are None."""
    return {k: TypeSerializer().serialize(v) for k, v in values.items() if v is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a DynamoDB item, or part of one, as plain values; numbers as Decimal."""
    return {k: TypeDeserializer().deserialize(v) for k, v in item.items()}
