"""The doors of the state machine ``order_saga.asl.json``: in for orders, out for the kitchen's answers.

The machine knows steps, retries and ways back; what an order or an answer looks like is known here.
Environment: ``STATE_MACHINE_ARN``.
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

_OVER = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")


def start(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a batch of placed orders from SQS."""
    return consume(event, begin)


def resume(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a batch of the kitchen's answers from SQS."""
    return consume(event, proceed, relation="child")


def begin(message: CloudEvent) -> None:
    """Start one execution per order: its name is the order's number."""
    order = read_order(message)
    # The machine's paths must all lead somewhere: what there is none of is empty.
    data = {**order.model_dump(mode="json"), "wishes": order.model_dump()["wishes"] or ""}
    trace = {"traceparent": "", **telemetry.current_context()}
    try:
        client("stepfunctions").start_execution(
            stateMachineArn=os.environ["STATE_MACHINE_ARN"],
            name=order.order_id,
            input=json.dumps({"order": data, "trace": trace}),
        )
    except ClientError as error:
        if not failed_with(error, "ExecutionAlreadyExists"):
            raise


def proceed(message: CloudEvent) -> None:
    """Hand the kitchen's answer to the task that waits for it: the correlation id is its token."""
    answer = read_answer(message)
    try:
        client("stepfunctions").send_task_success(
            taskToken=str(message.get_extension("correlationid")),
            output=json.dumps(answer.outcome),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _OVER:
            raise
        logger.info("nobody waits for this answer any more", order_id=answer.order_id)
