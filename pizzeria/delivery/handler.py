"""Delivery's queue: notes what is to be delivered and sets its alarm.

Environment: ``DELIVERIES_TABLE``, ``SCHEDULE_GROUP``, ``ALERTS_QUEUE_ARN``, ``SCHEDULER_ROLE_ARN``.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from cloudevents.core.v1.event import CloudEvent

from pizzeria.common.consuming import consume
from pizzeria.delivery import deliveries
from pizzeria.delivery.alarms import set_alarm
from pizzeria.delivery.core import alarm_time
from pizzeria.delivery.incoming import read_order


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a batch from SQS."""
    return consume(event, handle)


def handle(message: CloudEvent) -> None:
    """Note the delivery that a confirmed order asks for, if any. Each step may be repeated."""
    delivery = read_order(message)
    if delivery is None:
        return
    deliveries.add(delivery)
    at = alarm_time(delivery, datetime.now(timezone.utc))
    if at is None:
        deliveries.due(delivery)
    else:
        set_alarm(delivery.order_id, at)
