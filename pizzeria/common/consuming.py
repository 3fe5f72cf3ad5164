"""How a Lambda function consumes an SQS queue of CloudEvents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from cloudevents.core.v1.event import CloudEvent

from pizzeria.common import telemetry
from pizzeria.common.aws import client
from pizzeria.common.envelope import from_json

logger = Logger()


def consume(
    event: dict[str, Any],
    handle: Callable[[CloudEvent], None],
    relation: telemetry.Relation = "link",
    retry_after_s: Callable[[int], int] | None = None,
) -> dict[str, Any]:
    """Hand each message of a batch to `handle`, and return the ones that are to come again.

    The event source mapping needs ``ReportBatchItemFailures``. Whatever `handle` raises fails its own
    message only, which comes again, and in the end goes to the queue's dead letters. It comes again after
    the queue's visibility timeout or, given `retry_after_s`, so many seconds after its n-th receive.
    """
    failed = []
    try:
        for record in event["Records"]:
            try:
                _process(record, handle, relation)
            except Exception:
                failed.append({"itemIdentifier": record["messageId"]})
                if retry_after_s:
                    _come_again(record, retry_after_s(_receives(record)))
    finally:
        telemetry.flush()
    return {"batchItemFailures": failed}


def _process(
    record: dict[str, Any], handle: Callable[[CloudEvent], None], relation: telemetry.Relation
) -> None:
    with logger.append_context_keys(sqs_id=record["messageId"], receives=_receives(record)):
        try:
            message = from_json(record["body"])
            logger.append_keys(correlation_id=message.get_extension("correlationid"))
            logger.append_keys(message_type=message.get_type(), message_id=message.get_id())
            with telemetry.processing(message, relation):
                handle(message)
            logger.info("done")
        except Exception as error:
            logger.warning("not done", error=f"{type(error).__name__}: {error}")
            raise
        finally:
            logger.remove_keys(["correlation_id", "message_type", "message_id"])


def _receives(record: dict[str, Any]) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])


def _come_again(record: dict[str, Any], seconds: int) -> None:
    sqs = client("sqs")
    name = record["eventSourceARN"].rpartition(":")[2]
    sqs.change_message_visibility(
        QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"],
        ReceiptHandle=record["receiptHandle"],
        VisibilityTimeout=seconds,
    )
