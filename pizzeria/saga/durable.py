"""The saga as a Lambda durable function: it reads like a script and survives like a state machine.

Each step's result is kept. When Lambda goes on after a wait or a crash it runs the function from its
beginning, and steps that are done give back what they gave; so nothing outside a step may have an effect
or come out differently. Environment: that of `participants`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from aws_durable_execution_sdk_python import (
    CallbackError,
    DurableContext,
    StepError,
    durable_execution,
)
from aws_durable_execution_sdk_python.config import (
    Duration,
    StepConfig,
    WaitForCallbackConfig,
)
from aws_durable_execution_sdk_python.retries import (
    RetryStrategyConfig,
    create_retry_strategy,
)

from pizzeria.common import telemetry
from pizzeria.saga import participants
from pizzeria.saga.incoming import Order

Undo = Callable[[Order], None]


def _tries(most: int) -> StepConfig:
    retries = RetryStrategyConfig(max_attempts=most, initial_delay=Duration.from_seconds(2))
    return StepConfig(retry_strategy=create_retry_strategy(retries))


A_FEW_TIMES, AS_OFTEN_AS_IT_TAKES = _tries(3), _tries(50)
PATIENCE = WaitForCallbackConfig(timeout=Duration.from_minutes(15))


class Refused(Exception):
    """A participant said no."""


@durable_execution
def handler(event: dict[str, Any], context: DurableContext) -> dict[str, Any]:
    """Run ``{"order": …, "trace": …}``; return its outcome."""
    # The input is the same at every replay, and with it the trace that all of them belong to.
    order = Order.model_validate(event["order"])
    try:
        with telemetry.span("saga", origin=event["trace"], order__id=order.order_id):
            return run(order, context)
    finally:
        telemetry.flush()


def run(order: Order, context: DurableContext) -> dict[str, Any]:
    """Return ``{"outcome": "CONFIRMED"}`` or ``{"outcome": "FAILED", "reason": …}``."""
    undo: list[Undo] = []

    def attempt(do: Callable[[Order], str | None], undo_it: Undo) -> None:
        undo.append(undo_it)  # first: a step that failed may have taken effect all the same
        accept(context.step(lambda _: do(order), name=do.__name__, config=A_FEW_TIMES))

    def accept(reason: str | None) -> None:
        if reason:
            undo.pop()  # refused: there is nothing to undo
            raise Refused(reason)

    def ask(callback_id: str, _: object) -> None:
        participants.ask_kitchen(order, callback_id)

    try:
        attempt(participants.reserve, participants.release)
        attempt(participants.charge, participants.refund)
        undo.append(participants.cancel_at_kitchen)
        answer = context.wait_for_callback(ask, name="ask_kitchen", config=PATIENCE)
        accept(json.loads(answer).get("reason"))
    except (Refused, StepError, CallbackError) as error:
        reason = (
            str(error) if isinstance(error, Refused) else "we could not reach everybody in time"
        )
        for undo_it in reversed(undo):
            _surely(context, undo_it.__name__, partial(undo_it, order))
        _surely(context, "fail", partial(participants.fail, order, reason))
        return {"outcome": "FAILED", "reason": reason}
    _surely(context, "confirm", partial(participants.confirm, order))
    return {"outcome": "CONFIRMED"}


def _surely(context: DurableContext, name: str, do: Callable[[], None]) -> None:
    context.step(lambda _: do(), name=name, config=AS_OFTEN_AS_IT_TAKES)
