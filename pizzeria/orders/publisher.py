"""Publishes what orders have in their outbox, from the order table's stream.

Environment: ``TABLE`` (the order table), ``EVENT_BUS``.
"""

from __future__ import annotations

from typing import Any

from pizzeria.common import outbox


def handler(event: dict[str, Any], context: object) -> None:
    """Publish a batch of the stream; raises when it is to come again."""
    outbox.publish(event)
