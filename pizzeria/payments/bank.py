"""Stands in for a payment provider's API, as far as this restaurant needs one.

Like a real one it takes an idempotency key with each call, and does under one key one thing once. Two cards
have a will of their own: ``tok_declined`` is always declined, ``tok_timeout`` never gets an answer.
"""

from __future__ import annotations


class Declined(Exception):
    """The bank said no. Asking again is no use."""


def charge(card: str, amount: str, *, idempotency_key: str) -> None:
    """Charge a card; raises Declined, or TimeoutError, after which the money may be taken or not."""
    if card == "tok_declined":
        raise Declined("the card was declined")
    if card == "tok_timeout":
        raise TimeoutError("the bank did not answer")


def refund(*, idempotency_key: str) -> None:
    """Give back what was charged under a key; does nothing if nothing was."""
