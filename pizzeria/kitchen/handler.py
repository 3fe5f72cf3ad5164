"""The kitchen's queue. Every order is answered, again too if it comes again: the answer may have been lost.

Environment: ``KITCHEN_TABLE``, ``CLAIMS_BUCKET``.
"""

from __future__ import annotations

from typing import Any

from cloudevents.core.v1.event import CloudEvent

from pizzeria.common.aws import client
from pizzeria.common.claims import redeem
from pizzeria.common.consuming import consume
from pizzeria.common.envelope import to_json, wrap
from pizzeria.kitchen import tickets
from pizzeria.kitchen.core import Ticket, answer, write_ticket
from pizzeria.kitchen.events import SOURCE
from pizzeria.kitchen.incoming import Cancel, read


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a batch from SQS."""
    return consume(event, handle, relation="child")


def handle(message: CloudEvent) -> None:
    """Hang up a ticket for the order and answer; or cancel one."""
    order = read(message)
    if isinstance(order, Cancel):
        return tickets.cancel(order.order_id)
    ticket = tickets.hang(write_ticket(order, wishes=redeem(order.wishes or "")))
    reply(message, ticket)


def reply(message: CloudEvent, ticket: Ticket) -> None:
    """Answer to the queue that the message names, if any, with the correlation id of the message.

    Which queues the kitchen may write to is for its role to say: the message could name any.
    """
    reply_to = message.get_extension("replyto")
    if not reply_to:
        return
    said = wrap(
        answer(ticket),
        source=SOURCE,
        subject=ticket.order_id,
        correlation_id=message.get_extension("correlationid"),
    )
    client("sqs").send_message(QueueUrl=reply_to, MessageBody=to_json(said))
