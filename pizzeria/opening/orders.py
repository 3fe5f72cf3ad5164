"""The order service: takes an order and puts it into the kitchen's queue.

Environment: ``ORDER_QUEUE_URL``.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from pizzeria.menu import InvalidOrder, check_order


@cache
def sqs() -> Any:
    """Return the service's client, made once for as long as this process lives."""
    named = Config(user_agent_appid="orders")  # type: ignore[call-arg]  # missing in the stubs
    return boto3.client("sqs", config=named)


def place_order(order: Any) -> str:
    """Check an order, hand it to the queue, and return its number.

    When this returns, the order is safe; it is not cooked yet.
    Raises InvalidOrder, or botocore's ClientError when the queue did not take it.
    """
    checked = check_order(order)
    sqs().send_message(QueueUrl=os.environ["ORDER_QUEUE_URL"], MessageBody=json.dumps(checked))
    return checked["order_id"]


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer ``POST /orders`` of an API Gateway HTTP API (payload format 2.0)."""
    try:
        order_id = place_order(json.loads(event.get("body") or "null"))
    except json.JSONDecodeError:
        return _reply(400, error="the body must be JSON")
    except InvalidOrder as error:
        return _reply(400, error=str(error))
    return _reply(202, order_id=order_id, status="ACCEPTED")


def _reply(code: int, **body: str) -> dict[str, Any]:
    return {
        "statusCode": code,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }
