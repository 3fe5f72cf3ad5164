"""The doors of the durable function `durable.handler`: in for orders, out for the kitchen's answers.

Environment: ``SAGA_FUNCTION``, with a version or an alias: a saga must end with the code it began with.
"""

from __future__ import annotations

import json
import os
from typing import Any

from botocore.exceptions import ClientError
from cloudevents.core.v1.event import CloudEvent

from pizzeria.common import telemetry
from pizzeria.common.aws import client, failed_with
from pizzeria.common.consuming import consume, logger
from pizzeria.saga.incoming import read_answer, read_order

_OVER = ("CallbackTimeoutException", "ResourceNotFoundException", "InvalidParameterValueException")


def start(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a batch of placed orders from SQS."""
    return consume(event, begin)


def resume(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a batch of the kitchen's answers from SQS."""
    return consume(event, proceed, relation="child")


def begin(message: CloudEvent) -> None:
    """Start one durable execution per order: its name is the order's number."""
    order = read_order(message)
    payload = {"order": order.model_dump(mode="json"), "trace": telemetry.current_context()}
    try:
        client("lambda").invoke(
            FunctionName=os.environ["SAGA_FUNCTION"],
            InvocationType="Event",
            DurableExecutionName=order.order_id,
            Payload=json.dumps(payload).encode(),
        )
    except ClientError as error:
        if not failed_with(error, "DurableExecutionAlreadyStartedException"):
            raise


def proceed(message: CloudEvent) -> None:
    """Hand the kitchen's answer to the callback that waits for it: the correlation id is its id."""
    answer = read_answer(message)
    try:
        client("lambda").send_durable_execution_callback_success(
            CallbackId=str(message.get_extension("correlationid")),
            Result=json.dumps(answer.outcome).encode(),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _OVER:
            raise
        logger.info("nobody waits for this answer any more", order_id=answer.order_id)
