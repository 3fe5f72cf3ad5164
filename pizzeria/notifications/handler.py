"""Notifications' queue. Environment: ``STATUS_TABLE``."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from cloudevents.core.v1.event import CloudEvent

from pizzeria.common.consuming import consume
from pizzeria.notifications import statuses
from pizzeria.notifications.incoming import read


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a batch from SQS."""
    return consume(event, handle)


def handle(message: CloudEvent) -> None:
    """Write down what a message means for its order."""
    statuses.record(read(message), message.get_time() or datetime.now(timezone.utc))
