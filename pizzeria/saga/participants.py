"""How the saga asks others: inventory, payments and orders are called, the kitchen gets a message.

Environment: ``INVENTORY_FUNCTION``, ``PAYMENTS_FUNCTION``, ``ORDERS_FUNCTION``, ``KITCHEN_QUEUE_URL``,
``REPLIES_QUEUE_URL``.
"""

from __future__ import annotations

import json
import os
from typing import Any

from pizzeria.common import telemetry
from pizzeria.common.aws import client
from pizzeria.common.envelope import to_json, wrap
from pizzeria.saga.events import SOURCE, CancelOrder, CookOrder
from pizzeria.saga.incoming import Order


class Failed(Exception):
    """A participant failed, technically: it may work if tried again."""


def reserve(order: Order) -> str | None:
    """Reserve the stock; return why not, None if it was done."""
    return _invoke("INVENTORY_FUNCTION", action="reserve", **_stock(order))


def release(order: Order) -> None:
    _invoke("INVENTORY_FUNCTION", action="release", **_stock(order))


def charge(order: Order) -> str | None:
    """Charge the card; return why not, None if it was done."""
    asked = {"order_id": order.order_id, "amount": order.amount, "card": order.card}
    return _invoke("PAYMENTS_FUNCTION", action="charge", **asked)


def refund(order: Order) -> None:
    _invoke("PAYMENTS_FUNCTION", action="refund", order_id=order.order_id)


def ask_kitchen(order: Order, correlation_id: str) -> None:
    """Send the order to the kitchen, which answers later, with this correlation id."""
    cook = CookOrder(
        order_id=order.order_id, pizza=order.pizza, quantity=order.quantity, wishes=order.wishes
    )
    message = wrap(
        cook,
        source=SOURCE,
        subject=order.order_id,
        correlation_id=correlation_id,
        reply_to=os.environ["REPLIES_QUEUE_URL"],
    )
    _send_to_kitchen(to_json(message))


def cancel_at_kitchen(order: Order) -> None:
    cancel = CancelOrder(order_id=order.order_id)
    _send_to_kitchen(to_json(wrap(cancel, source=SOURCE, subject=order.order_id)))


def confirm(order: Order) -> None:
    _invoke("ORDERS_FUNCTION", decision="CONFIRMED", order_id=order.order_id)


def fail(order: Order, reason: str) -> None:
    _invoke("ORDERS_FUNCTION", decision="FAILED", order_id=order.order_id, reason=reason)


def _stock(order: Order) -> dict[str, Any]:
    return order.model_dump(include={"order_id", "pizza", "quantity"})


def _send_to_kitchen(body: str) -> None:
    client("sqs").send_message(QueueUrl=os.environ["KITCHEN_QUEUE_URL"], MessageBody=body)


def _invoke(function: str, **asked: Any) -> str | None:
    """Call a function; return the reason of a refusal, None if it was done; raises Failed."""
    payload = {**asked, "trace": telemetry.current_context()}
    reply = client("lambda").invoke(
        FunctionName=os.environ[function], Payload=json.dumps(payload).encode()
    )
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" in reply:
        asked_for = asked.get("action") or asked.get("decision")
        raise Failed(f"{asked_for} ended with {answer.get('errorType', 'an error')}")
    return answer["reason"] if answer["outcome"] == "refused" else None
