"""Loyalty's queue. Environment: ``LOYALTY_TABLE``."""

from __future__ import annotations

from typing import Any

from cloudevents.core.v1.event import CloudEvent

from pizzeria.common.consuming import consume, logger
from pizzeria.loyalty.accounts import award
from pizzeria.loyalty.incoming import read


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a batch from SQS."""
    return consume(event, handle)


def handle(message: CloudEvent) -> None:
    """Give points for a confirmed order."""
    purchase = read(message)
    if not award(purchase, message.get_id()):
        logger.info("no points: seen before", order_id=purchase.order_id)
