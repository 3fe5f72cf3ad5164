"""What the traces of an order tell: one each for whoever was asked, a link for whoever listened."""

from __future__ import annotations

import httpx

from operations.traces import Span
from tests.end_to_end.restaurant import ORDER
from tests.operations.deployment import wait_until

ONCE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"  # the example of the W3C


def test_a_customers_trace_goes_on_and_whoever_listens_is_linked_to_it(restaurant, number):
    order = number()
    request = {**ORDER, "order_id": order, "delivery": {"address": "Via Toledo 5"}}
    httpx.post(
        f"{restaurant.api_url}/orders", json=request, headers={"traceparent": ONCE}, timeout=60
    )
    restaurant.poll(order, until=("DUE",))

    def listened() -> dict[tuple[str, str], Span]:
        found = {(s.service, s.name): s for s in restaurant.traces.of_order(order)}
        heard = {name.removeprefix("process ") for _, name in found}
        wanted = {"order.placed.v1", "order.confirmed.v2", "delivery.due.v1"}
        return found if heard >= wanted and len(found) >= 15 else {}

    spans = wait_until(listened)
    placed = spans["orders", "POST /orders"]
    assert (placed.trace_id, placed.parent_id) == tuple(ONCE.split("-")[1:3])
    confirmed = spans["orders", "confirmed"]
    heard = {
        ("saga", "process order.placed.v1"): placed,
        ("analytics", "process order.placed.v1"): placed,
        ("notifications", "process order.placed.v1"): placed,
        ("loyalty", "process order.confirmed.v2"): confirmed,
        ("delivery", "process order.confirmed.v2"): confirmed,
        ("analytics", "process order.confirmed.v2"): confirmed,
        ("notifications", "process order.confirmed.v2"): confirmed,
        ("analytics", "process delivery.due.v1"): spans["delivery", "process order.confirmed.v2"],
    }
    for key, cause in heard.items():
        assert spans[key].links == ((cause.trace_id, cause.span_id),), key
        assert spans[key].trace_id != cause.trace_id and not spans[key].parent_id, key
    asked, answered = (
        spans["kitchen", "process kitchen.cook.v1"],
        spans["saga", "process kitchen.accepted.v1"],
    )
    assert answered.parent_id == asked.span_id
    assert asked.trace_id == spans["saga", "process order.placed.v1"].trace_id
