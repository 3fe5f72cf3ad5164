"""The saga three ways: whatever is at work, customers and tables see the same."""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec

import pytest

from operations.traces import Span
from tests.operations.deployment import wait_until

needs_durable = pytest.mark.skipif(
    find_spec("aws_durable_execution_sdk_python") is None,
    reason="AWS's SDK for durable functions asks for Python 3.11 or newer",
)
WITHOUT_TIMERS = [
    "saga-by-hand",
    "saga-step-functions",
    pytest.param("saga-durable", marks=needs_durable),
]
# The durable function's SDK compares the engine's times with its own clock, which does not move with it:
# how it waits and retries is tried with AWS's own runner, in tests/pizzeria.
WITH_TIMERS = ["saga-by-hand", "saga-step-functions"]
BUSY = "we could not reach everybody in time"


@pytest.fixture
def restaurant(opened, saga):
    """The restaurant with one of the three sagas at work."""
    opened.use_saga(saga)
    return opened


def stock(restaurant, pizza: str) -> int:
    return int(restaurant.table("inventory")[f"stock#{pizza}"]["available"])


@pytest.mark.parametrize("saga", WITHOUT_TIMERS, scope="module")
def test_each_ending_leaves_the_tables_as_they_should_be(restaurant, number):
    happy, declined, sold_out, refused = (number() for _ in range(4))
    before = stock(restaurant, "diavola")
    sell_out(restaurant, "marinara")
    orders: dict[str, dict] = {
        happy: {},
        declined: {"card": "tok_declined"},
        sold_out: {"pizza": "marinara"},
        refused: {"quantity": 13},
    }
    endings = {}
    for order, wanted in orders.items():
        restaurant.place(order_id=order, **{"pizza": "diavola", **wanted})
        endings[order] = restaurant.poll(order)
    assert endings == {
        happy: "CONFIRMED",
        declined: "FAILED",
        sold_out: "FAILED",
        refused: "FAILED",
    }
    reasons = [restaurant.status(order).json()["reason"] for order in (declined, sold_out, refused)]
    assert reasons == [
        "the card was declined",
        "we are out of marinara",
        "the oven holds 12 pizzas and the order has 13",
    ]
    assert stock(restaurant, "diavola") == before - 2
    payments = restaurant.table("payments")
    states = {order: payments.get(order, {}).get("state") for order in endings}
    assert states == {happy: "CHARGED", declined: "DECLINED", sold_out: None, refused: "REFUNDED"}
    tickets = restaurant.table("kitchen")
    assert tickets[happy]["status"] == "ACCEPTED"
    assert declined not in tickets
    assert compensations(restaurant, refused) == ["refund", "release", "FAILED"]
    for order in (happy, refused):
        assert_one_trace(restaurant, order)


def assert_one_trace(restaurant, order: str) -> None:
    """Whoever took part in a saga is in one trace, though it stopped to wait for the kitchen's answer."""

    def decided() -> list[Span]:
        found = restaurant.traces.of_order(order)
        decisions = [span for span in found if span.name in ("confirmed", "failed")]
        return decisions and [span for span in found if span.trace_id == decisions[0].trace_id]

    trace = wait_until(decided)
    services = {"saga", "inventory", "payments", "kitchen", "orders"}
    assert {span.service for span in trace} == services
    (first,) = (span for span in trace if not span.parent_id)
    assert first.name == "process order.placed.v1"
    placed = {s.span_id for s in restaurant.traces.of_order(order) if s.name == "POST /orders"}
    assert {span_id for _, span_id in first.links} <= placed
    known = {span.span_id for span in trace}
    assert [span.name for span in trace if span.parent_id and span.parent_id not in known] == []


def sell_out(restaurant, pizza: str) -> None:
    restaurant.put("inventory", {"pk": f"stock#{pizza}", "available": 0})


def compensations(restaurant, order: str) -> list[str]:
    """Return what was undone for an order, in the order in which it was: from the services' own calls."""
    undone = []
    for call in restaurant.account.calls:
        if order not in call.summary or call.outcome != "ok":
            continue
        if (call.service, call.resource, call.operation) == ("dynamodb", "payments", "UpdateItem"):
            undone.append("refund")
        if call.caller == "inventory" and undone[-1:] == ["refund"]:
            undone.append("release")
        if (call.caller, call.operation) == ("orders", "UpdateItem") and undone[-1:] == ["release"]:
            undone.append("FAILED")
    return undone[:3]


@pytest.mark.long
@pytest.mark.parametrize("saga", WITH_TIMERS, scope="module")
def test_a_bank_that_never_answers_is_tried_three_times_and_undone(restaurant, number):
    order = number()
    restaurant.place(order_id=order, pizza="funghi", card="tok_timeout")

    def tries() -> int:
        """How often the payment service looked whether there was a charge already."""
        looked = ("payments", "GetItem")
        made = restaurant.account.calls
        return sum((c.caller, c.operation) == looked and order in c.summary for c in made)

    restaurant.settle([order], most_moves=4)
    assert restaurant.poll(order) == "FAILED"
    assert restaurant.status(order).json()["reason"] == BUSY
    assert tries() == 3
    assert restaurant.table("payments")[order]["state"] == "REFUNDED"
    assert restaurant.table("inventory")[f"reservation#{order}"]["status"] == "RELEASED"


@pytest.mark.long
@pytest.mark.parametrize("saga", WITH_TIMERS, scope="module")
def test_a_kitchen_that_does_not_answer_is_waited_for_and_cancelled(restaurant, number):
    restaurant.stop("kitchen")
    order = number()
    try:
        restaurant.place(order_id=order, pizza="funghi")
        wait_until(lambda: restaurant.waiting("kitchen") == 1)
        restaurant.cloud.clock.advance(timedelta(minutes=14))
        assert restaurant.table("orders")[order]["status"] == "PLACED"
        restaurant.cloud.clock.advance(timedelta(minutes=2))
        assert restaurant.poll(order) == "FAILED"
        assert restaurant.table("payments")[order]["state"] == "REFUNDED"
        assert restaurant.table("inventory")[f"reservation#{order}"]["status"] == "RELEASED"
    finally:
        restaurant.start("kitchen")
    wait_until(lambda: restaurant.waiting("kitchen") + restaurant.waiting("kitchen-replies") == 0)
    assert restaurant.table("kitchen")[order]["status"] == "CANCELLED"
    assert restaurant.table("orders")[order]["status"] == "FAILED", "a late answer changes nothing"
