"""What an order is worth. No AWS."""

from __future__ import annotations

from pydantic import BaseModel


class Purchase(BaseModel):
    """A confirmed order, as far as it concerns loyalty."""

    order_id: str
    customer: str
    cents: int


def points(purchase: Purchase) -> int:
    """One point for each whole euro."""
    return purchase.cents // 100
