"""The saga as a durable function, in AWS's own local runner."""

from __future__ import annotations

import json
import threading

import pytest

from pizzeria.saga import participants
from pizzeria.saga.incoming import Answer, Order

pytest.importorskip("aws_durable_execution_sdk_python", reason="needs Python 3.11 or newer")
from aws_durable_execution_sdk_python.config import (
    Duration,
    JitterStrategy,
    StepConfig,
)
from aws_durable_execution_sdk_python.retries import (
    RetryStrategyConfig,
    create_retry_strategy,
)

from pizzeria.saga import durable

testing = pytest.importorskip("aws_durable_execution_sdk_python_testing.runner")

ORDER = Order(order_id="1001", pizza="funghi", quantity=2, amount="19.80", card="sealed")
EVENT = json.dumps({"order": ORDER.model_dump(mode="json"), "trace": {}})
YES, NO = Answer(order_id="1001"), Answer(order_id="1001", reason="the oven is out")


class Others:
    """The participants: `said` is what they were asked, `refuse` who says no, `broken` who fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.said: list[str] = []
        self.refuse, self.broken, self.broken_for = "", "", 99
        self.callback: str | None = None
        for name in ("reserve", "charge"):
            monkeypatch.setattr(participants, name, self._asked(name))
        for name in ("release", "refund", "cancel_at_kitchen", "confirm", "fail"):
            monkeypatch.setattr(participants, name, self._asked(name))
        monkeypatch.setattr(participants, "ask_kitchen", self._kitchen)

    def _asked(self, name: str):
        def ask(order: Order, *_: object) -> str | None:
            self.said.append(name)
            if self.broken == name and self.broken_for > 0:
                self.broken_for -= 1
                raise participants.Failed(f"{name} failed")
            return "no" if self.refuse == name else None

        ask.__name__ = name
        return ask

    def _kitchen(self, order: Order, correlation_id: str) -> None:
        self.said.append("ask_kitchen")
        self.callback = correlation_id


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Others:
    # The runner waits for real between two tries: a second is the least it knows.
    for name, most in (("A_FEW_TIMES", 3), ("AS_OFTEN_AS_IT_TAKES", 50)):
        quickly = RetryStrategyConfig(
            max_attempts=most,
            initial_delay=Duration.from_seconds(1),
            backoff_rate=1,
            jitter_strategy=JitterStrategy.NONE,
        )
        assert getattr(durable, name).retry_strategy(Exception(), most - 1).should_retry
        assert not getattr(durable, name).retry_strategy(Exception(), most).should_retry
        tries = StepConfig(retry_strategy=create_retry_strategy(quickly))
        monkeypatch.setattr(durable, name, tries)
    return Others(monkeypatch)


def run(others: Others, answer: Answer | None = YES) -> dict:
    """Run the saga; the kitchen gives this answer, None for none at all."""
    suspended = threading.Event()

    def handler(event, context):
        try:
            return durable.handler(event, context)
        finally:
            if others.callback:
                suspended.set()

    with testing.DurableFunctionTestRunner(handler) as runner:
        execution = runner.run_async(input=EVENT, timeout=60)
        if answer:
            # Not before: the runner cannot take an answer while the function is still at work.
            assert suspended.wait(60)
            runner.send_callback_success(others.callback, json.dumps(answer.outcome).encode())
        result = runner.wait_for_result(execution_arn=execution, timeout=60)
    return json.loads(result.result)


def test_it_goes_forward_step_by_step(others):
    assert run(others) == {"outcome": "CONFIRMED"}
    assert others.said == ["reserve", "charge", "ask_kitchen", "confirm"]


def test_a_kitchen_that_refuses_makes_it_undo_all_before(others):
    assert run(others, NO) == {"outcome": "FAILED", "reason": "the oven is out"}
    assert others.said[3:] == ["refund", "release", "fail"]


@pytest.mark.parametrize(
    ("who", "undone"), [("reserve", ["fail"]), ("charge", ["release", "fail"])]
)
def test_what_was_refused_is_not_undone_itself(others, who: str, undone: list[str]):
    others.refuse = who
    assert run(others, None) == {"outcome": "FAILED", "reason": "no"}
    assert others.said[others.said.index(who) + 1 :] == undone


def test_what_fails_is_tried_three_times_and_then_undone_too(others):
    others.broken = "charge"
    assert run(others, None)["outcome"] == "FAILED"
    assert others.said == ["reserve", *["charge"] * 3, "refund", "release", "fail"]


def test_what_fails_twice_goes_on_where_it_was(others):
    others.broken, others.broken_for = "charge", 2
    assert run(others) == {"outcome": "CONFIRMED"}
    assert others.said == ["reserve", *["charge"] * 3, "ask_kitchen", "confirm"]


def test_undoing_is_not_given_up(others):
    others.broken, others.broken_for = "refund", 4
    assert run(others, NO)["outcome"] == "FAILED"
    assert others.said[3:] == [*["refund"] * 5, "release", "fail"]
