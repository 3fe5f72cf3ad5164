"""The alarm of a delivery went off. Environment: ``DELIVERIES_TABLE``."""

from __future__ import annotations

from typing import Any

from cloudevents.core.v1.event import CloudEvent

from pizzeria.common.consuming import consume
from pizzeria.delivery import deliveries
from pizzeria.delivery.incoming import read_alarm


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a batch from SQS."""
    return consume(event, handle)  # linked: hours may lie in between


def handle(message: CloudEvent) -> None:
    """Announce the delivery, unless it is over by now."""
    delivery = deliveries.get(read_alarm(message))
    if delivery is not None:
        deliveries.due(delivery)
