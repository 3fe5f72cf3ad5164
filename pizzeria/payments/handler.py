"""Charges and refunds.

Invoked with ``{"action": "charge", "order_id": …, "amount": "17.00", "card": sealed}`` or
``{"action": "refund", "order_id": …}``. A declined card is an answer; a bank that does not answer is an
error, worth another try. Environment: ``PAYMENTS_TABLE``, ``CARD_KEY_ID``.
"""

from __future__ import annotations

import os
from typing import Any

from pizzeria.common import telemetry
from pizzeria.common.sealed import unseal
from pizzeria.payments import bank, ledger

DONE = {"outcome": "done"}


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Return ``{"outcome": "done"}`` or ``{"outcome": "refused", "reason": …}``; raises TimeoutError."""
    action, order_id = event["action"], event["order_id"]
    try:
        with telemetry.span(action, origin=event.get("trace"), order__id=order_id):
            if action == "refund":
                return refund(order_id)
            card = unseal(event["card"], key_id=os.environ["CARD_KEY_ID"], order_id=order_id)
            return charge(order_id, card, event["amount"])
    finally:
        telemetry.flush()


def charge(order_id: str, card: str, amount: str) -> dict[str, str]:
    """Charge an order once, however often it is asked for."""
    if ledger.state(order_id) is None:
        try:
            bank.charge(card, amount, idempotency_key=order_id)
        except bank.Declined:
            ledger.begin(order_id, "DECLINED", amount)
        else:
            if not ledger.begin(order_id, "CHARGED", amount) and _given_up(order_id):
                bank.refund(idempotency_key=order_id)  # the refund came while the bank was at it
    if ledger.state(order_id) == "CHARGED":
        return DONE
    return {"outcome": "refused", "reason": "the card was declined"}


def refund(order_id: str) -> dict[str, str]:
    """Give the money back; an order that was never charged cannot be charged any more."""
    ledger.refunded(order_id)  # first: a charge still on its way looks here when it is through
    bank.refund(idempotency_key=order_id)
    return DONE


def _given_up(order_id: str) -> bool:
    return ledger.state(order_id) == "REFUNDED"
