"""A busy evening: bad orders, double orders, declined cards, and the kitchen dies twice.

``ORDERS=200 make test ARGS="tests/end_to_end/test_rush.py -m long -s"`` runs the long evening, and
tells how it went.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from pizzeria.menu import MENU
from tests.end_to_end.test_flows import WISHES, forget_coats
from tests.operations.deployment import wait_until

ORDERS = int(os.environ.get("ORDERS", "20"))
PIZZAS = list(MENU)


@dataclass
class Guest:
    order_id: str
    pizza: str
    quantity: int
    poison: bool
    twice: bool
    declined: bool

    @property
    def request(self) -> dict[str, Any]:
        return {
            "order_id": self.order_id,
            "customer": f"guest {int(self.order_id) % 7}",
            "pizza": self.pizza,
            "quantity": self.quantity,
            "card": "tok_declined" if self.declined else "tok_visa",
            **({"wishes": WISHES} if self.poison else {}),
        }


def guests(number) -> list[Guest]:
    """Return the guests: of twenty, one with a poison order, two in doubt, two without money."""
    return [
        Guest(
            order_id=number(),
            pizza=PIZZAS[i % len(PIZZAS)],
            quantity=1 + i % 3,
            poison=i % 20 == 0,
            twice=i % 20 in (3, 13),
            declined=i % 20 in (7, 17),
        )
        for i in range(ORDERS)
    ]


def heard(restaurant) -> Counter[str]:
    """Return how many events of each kind analytics has counted."""
    counts: Counter[str] = Counter()
    for key, item in restaurant.table("analytics").items():
        if "heard" in item:
            counts[key.partition("#")[0]] += int(item["heard"])
    return counts


def available(restaurant) -> dict[str, int]:
    items = restaurant.table("inventory")
    return {pizza: int(items[f"stock#{pizza}"]["available"]) for pizza in PIZZAS}


def restock(restaurant) -> None:
    for pizza in PIZZAS:
        restaurant.put("inventory", {"pk": f"stock#{pizza}", "available": 10_000})


def kill_the_kitchen(restaurant) -> None:
    """Kill the kitchen's processes while orders are in its hands; after a while they come again."""
    at_work = wait_until(lambda: restaurant.in_flight("kitchen") and restaurant.workers("kitchen"))
    for process in at_work:
        process.kill()
    restaurant.let_come_again("kitchen")


@pytest.mark.long
def test_no_order_of_a_busy_evening_is_lost_or_doubled(restaurant, number):
    everybody = guests(number)
    poison = [guest for guest in everybody if guest.poison]
    others = [guest for guest in everybody if not guest.poison]
    restock(restaurant)
    stock, before, logged = available(restaurant), heard(restaurant), processed(restaurant)
    restaurant.stop("kitchen")
    for guest in poison:
        restaurant.place(**guest.request)
        forget_coats(restaurant, guest.order_id)
    restaurant.start("kitchen")
    seen = restaurant.listen()

    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        requests = [guest.request for guest in others for _ in range(1 + guest.twice)]
        replies = [pool.submit(restaurant.place, **request) for request in requests]
        for _ in range(2):
            kill_the_kitchen(restaurant)
        assert {reply.result().status_code for reply in replies} == {202}
    restaurant.settle([guest.order_id for guest in others], most_moves=6)
    seconds = time.monotonic() - began
    deliver_again(restaurant, seen, [guest.order_id for guest in others if guest.twice])
    restaurant.settle([guest.order_id for guest in poison], most_moves=20)
    wait_until(lambda: all(restaurant.waiting(queue) == 0 for queue in QUIET_QUEUES))

    count(restaurant, everybody, stock, before)
    messages = processed(restaurant) - logged
    print(f"\n{tally(restaurant, everybody)}")
    print(
        f"{len(others)} orders ended in {seconds:.1f} s: {len(others) / seconds:.1f} orders a second, "
        f"{messages} messages were handled in all, {messages / (time.monotonic() - began):.0f} a second"
    )


def tally(restaurant, everybody: list[Guest]) -> str:
    """Return how many orders ended how, by the tables."""
    said = []
    for table, field in (("orders", "status"), ("payments", "state"), ("kitchen", "status")):
        items = restaurant.table(table)
        ends = Counter(items.get(guest.order_id, {}).get(field, "none") for guest in everybody)
        said.append(f"{table}: " + ", ".join(f"{n} {end}" for end, n in sorted(ends.items())))
    return "; ".join(said)


QUIET_QUEUES = ("saga", "kitchen", "kitchen-replies", "loyalty", "notifications", "analytics")


def processed(restaurant) -> int:
    """Return how many messages the services have handled, by what they say themselves."""
    return restaurant.logged().count('"message":"done"')


def deliver_again(restaurant, seen, orders: list[str]) -> None:
    """Deliver the events of some orders once more, to whom they were delivered before."""
    while len(found := [m for m in seen() if m["subject"] in orders]) < 2 * len(orders):
        time.sleep(0.05)
    for message in found:
        queues = {"order.placed.v1": ["saga"], "order.confirmed.v2": ["loyalty"]}
        for queue in [*queues.get(message["type"], []), "analytics", "notifications"]:
            restaurant.send(queue, json.dumps(message))


def count(restaurant, everybody: list[Guest], stock: dict[str, int], before) -> None:
    """Hold each table against what must be in it: every effect once, or none at all."""
    orders, payments = restaurant.table("orders"), restaurant.table("payments")
    reservations, tickets = restaurant.table("inventory"), restaurant.table("kitchen")
    loyalty = restaurant.table("loyalty")
    points: Counter[str] = Counter()
    for guest in everybody:
        order = guest.order_id
        confirmed = not (guest.poison or guest.declined)
        assert orders[order]["status"] == ("CONFIRMED" if confirmed else "FAILED"), guest
        reserved = reservations[f"reservation#{order}"]["status"]
        assert reserved == ("RESERVED" if confirmed else "RELEASED"), guest
        state = "CHARGED" if confirmed else "DECLINED" if guest.declined else "REFUNDED"
        assert payments[order]["state"] == state, guest
        ticket = tickets.get(order, {}).get("status")
        assert ticket == ("ACCEPTED" if confirmed else None if guest.declined else "CANCELLED")
        assert (f"order#{order}" in loyalty) == confirmed, guest
        if confirmed:
            stock[guest.pizza] -= guest.quantity
            points[guest.request["customer"]] += MENU[guest.pizza] * guest.quantity // 100
    assert available(restaurant) == stock
    assert {c: int(loyalty[f"customer#{c}"]["points"]) for c in points} == points
    happy = sum(orders[guest.order_id]["status"] == "CONFIRMED" for guest in everybody)
    new = heard(restaurant) - before
    assert new["order.placed"] == len(everybody)
    assert new["order.confirmed"] == happy
    assert new["order.failed"] == len(everybody) - happy
