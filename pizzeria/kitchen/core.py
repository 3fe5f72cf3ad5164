"""What the kitchen cooks and what it refuses. No AWS."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from pizzeria.kitchen.events import OrderAccepted, OrderRefused
from pizzeria.kitchen.incoming import Cook

OVEN = 12
"""Pizzas that go into the oven at once: a larger order would be cold before it is complete."""


class Ticket(BaseModel):
    """What hangs above the oven."""

    order_id: str
    status: Literal["ACCEPTED", "REFUSED", "CANCELLED"]
    pizza: str = ""
    quantity: int = 0
    wishes: str = ""


def write_ticket(order: Cook, wishes: str) -> Ticket:
    """Return the ticket for an order, accepted or refused."""
    return Ticket(
        order_id=order.order_id,
        status="ACCEPTED" if order.quantity <= OVEN else "REFUSED",
        pizza=order.pizza,
        quantity=order.quantity,
        wishes=wishes[:200],
    )


def answer(ticket: Ticket) -> OrderAccepted | OrderRefused:
    """Return what to tell whoever asked."""
    if ticket.status == "ACCEPTED":
        return OrderAccepted(order_id=ticket.order_id)
    reasons = {
        "REFUSED": f"the oven holds {OVEN} pizzas and the order has {ticket.quantity}",
        "CANCELLED": "the order was cancelled before",
    }
    return OrderRefused(order_id=ticket.order_id, reason=reasons[ticket.status])
