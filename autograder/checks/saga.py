"""Undo the dinner: what must hold, criterion by criterion (see labs/saga/lab.yaml)."""

from __future__ import annotations

from typing import Any

from autograder.checks import Checks
from autograder.checks.dinner import Restaurant, orders, prepare_notebook, too_many
from autograder.checks.stage import PIZZAS, Order
from autograder.explore import Disturbance, crash_pairs, crashes, interleavings_of_twins, refusals
from autograder.world import Violated, World
from localcloud import Failure

__all__ = ["check", "prepare_notebook"]

check = Checks()
one_interruption = Disturbance(interleavings_of_twins.first)

HOUR_S = 60 * 60
TIMED_OUT: dict[str, Any] = {
    "error": "Sandbox.Timedout",
    "message": "Error: Task timed out after 3.00 seconds",
}
EXITED: dict[str, Any] = {
    "error": "Runtime.ExitError",
    "message": "Error: Runtime exited with signal: killed",
}


@check("confirm")
def nobody_refuses(world: World) -> None:
    """One order, then a batch of three; an hour later the first comes again, in another message."""
    restaurant, placed = Restaurant(world), orders(world, 4)
    for batch in (placed[:1], placed[1:]):
        restaurant.receive(*batch)
        world.deliver(restaurant.queue)
        if world.left_in(restaurant.queue):
            raise Violated("Nothing went wrong, and an order is to be delivered again.")
    restaurant.must_have_ended(*placed)
    if world.cloud.engine == "embedded":
        world.pass_time(HOUR_S)
    world.cold_start()
    restaurant.receive(placed[0], placed[3], placed[3])
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(*placed)


@check("undo")
def each_participant_refuses(world: World) -> None:
    """One after the other; later, when nobody would refuse any more, the orders come again."""
    restaurant, placed = Restaurant(world), orders(world, 3)
    no_stock, no_money, no_room = placed
    no_stock["pizza"], no_money["pizza"], no_room["pizza"] = world.random.sample(PIZZAS, 3)
    restaurant.fill(no_stock["pizza"], no_stock["quantity"] - 1)
    no_money["amount"] = restaurant.card_limit + 1
    no_room["quantity"] = restaurant.oven_size + 1
    ended: list[tuple[Order, str]] = []
    for order, reason, action in (
        (no_stock, "OutOfStock", "reserve"),
        (no_money, "CardDeclined", "charge"),
        (no_room, "KitchenRefused", "accept"),
    ):
        before = len(restaurant.asked(action))
        restaurant.receive(order)
        world.deliver_until_quiet(restaurant.queue)
        restaurant.must_have_ended(order, reason=reason)
        ended.append((order, reason))
        if len(restaurant.asked(action)) != before + 1:
            raise Violated(f"{reason} is an answer, but the saga asked again for “{action}”.")
    refunds, releases = restaurant.asked("refund"), restaurant.asked("release")
    if refunds[-1] > releases[-1]:
        raise Violated(
            "The reservation was undone before the charge; last first, it must be after."
        )
    restaurant.card_limit, restaurant.oven_size = 10**6, 10**6
    restaurant.play()
    restaurant.fill(no_stock["pizza"])
    if world.cloud.engine == "embedded":
        world.pass_time(HOUR_S)
    world.note("now nobody would refuse any more")
    restaurant.receive(*placed)
    world.deliver_until_quiet(restaurant.queue)
    for order, reason in ended:
        restaurant.must_have_ended(order, reason=reason)


@check("retry")
def steps_fail_before_they_are_done(world: World) -> None:
    """One order for each step that fails, once or often, between orders that have no trouble."""
    placed = orders(world, 6)
    failing = [("reserve", 1, TIMED_OUT), ("charge", 1, EXITED), ("accept", 1, TIMED_OUT)]
    failing.append(("charge", 5, TIMED_OUT))
    restaurant = Restaurant(
        world,
        *(
            Failure(**error, where={"action": action, "order_id": order["order_id"]}, times=times)
            for order, (action, times, error) in zip(placed[1:5], failing, strict=True)
        ),
    )
    restaurant.receive(*placed)
    world.deliver(restaurant.queue)
    if world.left_in(restaurant.queue) > len(failing):
        raise Violated("An order that had no trouble is to be delivered again.")
    for order in (placed[0], placed[5]):
        if restaurant.saga(order).get("status") != "CONFIRMED":
            raise Violated(f"Order {order['order_id']} had no trouble and is not CONFIRMED.")
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(*placed)


@check("charge-once")
def steps_are_done_and_time_out(world: World) -> None:
    """Each step once does its work, and then times out before it answers."""
    placed = orders(world, 3)
    restaurant = Restaurant(
        world,
        *(
            Failure(
                **TIMED_OUT,
                when="after",
                where={"action": action, "order_id": order["order_id"]},
            )
            for order, action in zip(placed, ("charge", "reserve", "accept"), strict=True)
        ),
    )
    restaurant.receive(*placed)
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(*placed)


@check("charge-once", refusals)
@check("crash", crash_pairs)
def on_the_way_to_confirmed(world: World) -> None:
    """An order that nobody refuses; whatever AWS refuses, and wherever the process is killed."""
    restaurant, placed = Restaurant(world), orders(world, 1)
    restaurant.receive(*placed)
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(*placed)


@check("undo-fails", refusals)
@check("undo-crash", crashes)
def on_the_way_to_failed(world: World) -> None:
    """An order that the kitchen refuses, however often it is asked."""
    restaurant = Restaurant(world)
    placed = too_many(world, restaurant)
    restaurant.receive(*placed)
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(*placed, reason="KitchenRefused")


@check("undo-crash", crashes)
def killed_after_a_refusal_that_would_not_come_again(world: World) -> None:
    """The kitchen refuses once; asked again, it would accept."""
    restaurant = Restaurant(world, refuses_once())
    (order,) = orders(world, 1)
    restaurant.receive(order)
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended_somehow(order, "KitchenRefused")


@check("undo-fails")
def undos_fail(world: World) -> None:
    """One order for each undo that fails, before or after it had its effect, once or often."""
    failing: list[tuple[str, dict[str, Any]]] = [
        ("refund", {**TIMED_OUT}),
        ("refund", {**TIMED_OUT, "when": "after"}),
        ("release", {**EXITED, "when": "after"}),
        ("release", {**TIMED_OUT, "times": 5}),
        ("cancel", {**TIMED_OUT, "times": 2}),
    ]
    restaurant = Restaurant(world)
    placed = too_many(world, restaurant, len(failing))
    restaurant.play(
        *(
            Failure(where={"action": action, "order_id": order["order_id"]}, **how)
            for order, (action, how) in zip(placed, failing, strict=True)
        )
    )
    restaurant.receive(*placed)
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(*placed, reason="KitchenRefused")


@check("at-once", one_interruption)
def two_confirm(world: World) -> None:
    """Nobody refuses, so there is nothing to disagree about."""
    restaurant, placed = Restaurant(world), orders(world, 1)
    restaurant.receive(*placed)
    world.deliver_at_once(restaurant.queue)
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(*placed)


@check("at-once", interleavings_of_twins)
def one_is_refused(world: World) -> None:
    """The kitchen refuses whoever asks first, and would accept the other; one order, two messages."""
    restaurant = Restaurant(world, refuses_once())
    (order,) = orders(world, 1)
    restaurant.receive(order, order)
    world.deliver_at_once(restaurant.queue)
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended_somehow(order, "KitchenRefused")


def refuses_once() -> Failure:
    return Failure("KitchenRefused", "the oven is full just now", where={"action": "accept"})
