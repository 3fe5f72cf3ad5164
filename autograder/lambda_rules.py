"""Lambda's side of an SQS batch: the event it makes of messages, and how it reads the answer."""

from __future__ import annotations

from typing import Any


def record(message: dict[str, Any], queue_arn: str) -> dict[str, Any]:
    """A message of an SQS queue as Lambda hands it to a function."""
    attributes = {
        name: {
            "stringValue": value.get("StringValue"),
            "dataType": value["DataType"],
            "stringListValues": [],
            "binaryListValues": [],
        }
        for name, value in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": attributes,
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": "us-east-1",
    }


def failed_records(answer: object, ids: set[str]) -> set[str] | None:
    """Return the failed ids that a handler's answer names; None: AWS fails the whole batch.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    if answer is None:
        return set()
    if not isinstance(answer, dict):
        return None
    failures = answer.get("batchItemFailures")
    if failures is None:
        return set()
    if not isinstance(failures, list):
        return None
    named = [f.get("itemIdentifier") if isinstance(f, dict) else None for f in failures]
    if any(not isinstance(name, str) or name not in ids for name in named):
        return None
    return set(named)  # type: ignore[arg-type]
