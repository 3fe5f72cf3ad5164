"""Analytics' queue. Environment: ``ANALYTICS_TABLE``."""

from __future__ import annotations

from typing import Any

from cloudevents.core.v1.event import CloudEvent

from pizzeria.analytics.counts import count
from pizzeria.common.consuming import consume


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a batch from SQS."""
    return consume(event, handle)


def handle(message: CloudEvent) -> None:
    """Count a message by what it tells of and when. Its data, and the version of that, do not matter."""
    kind = message.get_type().rpartition(".v")[0] or message.get_type()
    time = message.get_time()
    count(kind, f"{time:%Y-%m-%d}" if time else "unknown", message.get_id())
