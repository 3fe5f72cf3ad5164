"""Publishes what deliveries have in their outbox, from the delivery table's stream.

Environment: ``TABLE`` (the delivery table), ``EVENT_BUS``.
"""

from __future__ import annotations

from typing import Any

from pizzeria.common import outbox


def handler(event: dict[str, Any], context: object) -> None:
    """Publish a batch of the stream; raises when it is to come again."""
    outbox.publish(event)
