"""The saga, written by hand: load the state, do what is next, save, and so on until it is over or waits.

It can be killed anywhere: the message comes again, and the step that was not saved is repeated. Two
deliveries at once can meet: the one whose save is refused comes again and finds how far the other got.
Environment: ``SAGAS_TABLE``, ``TIMEOUTS_QUEUE_URL``, and that of `participants`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from cloudevents.core.v1.event import CloudEvent

from pizzeria.common import telemetry
from pizzeria.common.aws import client
from pizzeria.common.consuming import consume, logger
from pizzeria.common.envelope import Incoming, Unreadable, to_json, translate, wrap
from pizzeria.saga import participants, store
from pizzeria.saga.core import Action, Saga
from pizzeria.saga.events import SOURCE, TimeIsUp
from pizzeria.saga.incoming import Order, read_answer, read_order

PATIENCE_S = 900
"""How long the kitchen has to answer: the longest delay that SQS gives a message."""

DO: dict[Action, Callable[[Saga], str | None]] = {
    "reserve": lambda saga: participants.reserve(saga.order),
    "charge": lambda saga: participants.charge(saga.order),
    "ask kitchen": lambda saga: participants.ask_kitchen(saga.order, saga.order.order_id),
    "confirm": lambda saga: participants.confirm(saga.order),
    "cancel at kitchen": lambda saga: participants.cancel_at_kitchen(saga.order),
    "refund": lambda saga: participants.refund(saga.order),
    "release": lambda saga: participants.release(saga.order),
    "fail": lambda saga: participants.fail(saga.order, saga.reason or ""),
}


class _Timeout(Incoming):
    order_id: str


def start(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a batch of placed orders from SQS."""
    return consume(event, lambda message: begin(read_order(message)))


def resume(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a batch of the kitchen's answers, or of timeouts, from SQS."""
    return consume(event, proceed, relation="child")


def begin(order: Order) -> None:
    """Start an order's saga, or go on with it where an earlier delivery stopped."""
    saga = store.load(order.order_id)
    if saga is None:
        _set_alarm(order.order_id)  # before the state: without an alarm it could wait for ever
        saga = Saga(order=order, version=1, trace=telemetry.current_context())
        store.save(saga)
    run(saga)


def proceed(message: CloudEvent) -> None:
    """Go on with the saga that an answer, or a timeout, belongs to."""
    timeout = message.get_type() == TimeIsUp.TYPE
    if timeout:
        order_id = translate(message, {TimeIsUp.TYPE: _Timeout.model_validate}).order_id
    else:
        answer = read_answer(message)
        order_id = str(message.get_extension("correlationid"))
    saga = store.load(order_id)
    if saga is None:
        raise Unreadable(f"{message.get_id()}: nobody here asked about order {order_id}")
    moved = saga.timed_out() if timeout else saga.answered(answer)
    if moved is not saga:
        store.save(moved)
    run(moved, asked=True)


def run(saga: Saga, asked: bool = False) -> None:
    """Do one step after the other until the saga is over or waits; `asked`: the kitchen was asked already."""
    with telemetry.span("saga", origin=saga.trace, order__id=saga.order.order_id):
        while (action := saga.next) and not (saga.waiting and asked):
            try:
                reason = DO[action](saga)
            except Exception as error:
                logger.warning("saga step failed", step=action, tries=saga.tries + 1)
                saga = saga.failed()
                store.save(saga)
                if saga.tries:
                    raise error  # the message comes again, and then this step
                continue  # tried often enough: it has turned round
            if saga.waiting:
                return  # the answer comes by itself
            saga = saga.refused(reason) if reason else saga.done()
            store.save(saga)
        if saga.ended:
            logger.info("saga ended", outcome=saga.ended, reason=saga.reason)


def _set_alarm(order_id: str) -> None:
    alarm = wrap(TimeIsUp(order_id=order_id), source=SOURCE, subject=order_id)
    client("sqs").send_message(
        QueueUrl=os.environ["TIMEOUTS_QUEUE_URL"],
        MessageBody=to_json(alarm),
        DelaySeconds=PATIENCE_S,
    )
