"""Undo the dinner: what must hold, criterion by criterion (see labs/saga/lab.yaml)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from autograder.checks import Checks
from autograder.checks.dinner import (
    ENDS,
    STEPS,
    UNDOS,
    Restaurant,
    asked_for,
    orders,
    prepare_notebook,
    too_many,
)
from autograder.checks.stage import PIZZAS, Order
from autograder.explore import (
    Calls,
    Disturbance,
    cancellations,
    crash_pairs,
    crashes,
    interleavings_of_twins,
    interrupted_and_stale,
    long_pauses,
    refusals,
    stale_reads,
)
from autograder.schedule import Schedule
from autograder.world import HANDLER_TIMEOUT_S, Violated, World
from localcloud import Failure, cut, kill, lose_reply, refuse, stale

__all__ = ["check", "prepare_notebook"]

check = Checks()

DAY_S = 24 * 60 * 60
ALIKE_IN_SHORT = ("69235", "95303")  # their SHA-256 begin with the same 32 bits
TIMED_OUT: dict[str, Any] = {
    "error": "Sandbox.Timedout",
    "message": "Error: Task timed out after 3.00 seconds",
}
EXITED: dict[str, Any] = {
    "error": "Runtime.ExitError",
    "message": "Error: Runtime exited with signal: killed",
}
# What a participant raises when something is wrong with itself; the texts speak of refusals, too.
THROTTLED: dict[str, Any] = {
    "error": "ClientError",
    "message": "An error occurred (ThrottlingException) when calling PutItem: not enough capacity "
    "left, no OutOfStock",
}
BROKEN: dict[str, Any] = {"error": "KeyError", "message": "'KitchenRefused'"}
WRONG: dict[str, Any] = {"error": "ValueError", "message": "this is no key: OutOfStock"}
OFF: dict[str, Any] = {
    "error": "ConnectionRefusedError",
    "message": "[Errno 111] Connection refused: it is declined",
}
CONFLICT: dict[str, Any] = {
    "error": "TransactionCanceledException",
    "message": "Transaction cancelled, please refer cancellation reasons for specific reasons "
    "[None, TransactionConflict]",
}


@check("confirm")
def nobody_refuses(world: World) -> None:
    """One order, then batches of orders that are nearly alike; a month later some come again."""
    restaurant, (first, second, third, fourth) = Restaurant(world), orders(world, 4)
    placed: list[Order] = []
    for batch in ([first], [*alike(second), third], *odd(fourth)):
        world.tell_from_here()
        restaurant.receive(*batch)
        placed += batch
        world.deliver(restaurant.queue)
        if world.left_in(restaurant.queue):
            raise Violated("Nothing went wrong, and an order is to be delivered again.")
        restaurant.must_have_ended(*placed)
    if world.cloud.engine == "embedded":
        world.pass_time(30 * DAY_S)
    world.cold_start()
    restaurant.receive(placed[0], placed[-1], placed[-1])
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(*placed)
    come_again_when_nobody_answers(restaurant, placed[0], placed[-1])
    restaurant.must_have_ended(*placed)
    for order in placed:
        restaurant.must_have_ended_once(order)


def alike(order: Order) -> list[Order]:
    """Orders like this one, but for a character of their order_ids."""
    number = order["order_id"]
    # So long that a key made of it may be too long, or be cut where it differs.
    long = (f"{number}: Zoë & Söhne / Café " * 5)[:99]
    ids = (f"a-{number}", f"A-{number}", f"a.{number}", f"a_{number}", f"a {number}")
    return [{**order, "order_id": name} for name in (*ids, f"{long}1", f"{long}2")]


def odd(order: Order) -> list[list[Order]]:
    """Pairs of orders whose order_ids have what somebody may strip, replace or stumble over; and one that
    costs nothing."""
    number = order["order_id"]
    ids = [number, f" {number}", f"Zoë-{number}", f"Zoé-{number}"]
    ids += [f"O'Hara-{number}", f'"{number}\\', *ALIKE_IN_SHORT]
    placed = [{**order, "order_id": name} for name in ids]
    placed[0].update(customer="", amount=0)
    return [placed[n : n + 2] for n in range(0, len(placed), 2)]


def come_again_when_nobody_answers(restaurant: Restaurant, *placed: Order) -> None:
    """Orders that are CONFIRMED need no participant any more."""
    world = restaurant.world
    restaurant.play(Failure(**EXITED, times=1000))
    world.pass_time(world.bench.visibility_timeout_s + 1)
    world.tell_from_here()
    world.note("now every participant fails")
    restaurant.receive(*placed)
    world.deliver(restaurant.queue)
    if world.left_in(restaurant.queue):
        raise Violated(
            "Orders that were CONFIRMED came again, and are to be delivered once more, although "
            "their sagas have ended."
        )


@check("undo")
def each_participant_refuses(world: World) -> None:
    """One after the other; later, when nobody would refuse any more, the orders come again."""
    placed = orders(world, 4)
    no_stock, no_money, no_words, no_room = placed
    for order, pizza in zip(placed, world.random.sample(PIZZAS, 4), strict=True):
        order["pizza"] = pizza
    # Said once, and in other words than usual: whoever reads the words, or asks again, is CONFIRMED.
    refusal = {"action": "charge", "order_id": no_words["order_id"]}
    restaurant = Restaurant(world, Failure("CardDeclined", "not today", where=refusal))
    restaurant.fill(no_stock["pizza"], no_stock["quantity"] - 1)
    no_money.update(amount=restaurant.card_limit + 1, customer="Zoë")
    no_room["quantity"] = restaurant.oven_size + 1
    ended: list[tuple[Order, str]] = []
    for order, reason, action in (
        (no_stock, "OutOfStock", "reserve"),
        (no_money, "CardDeclined", "charge"),
        (no_words, "CardDeclined", "charge"),
        (no_room, "KitchenRefused", "accept"),
    ):
        before = len(restaurant.asked(*STEPS))
        restaurant.receive(order)
        restaurant.deliver_and_look(partial(an_end_is_not_reported, restaurant, order))
        restaurant.must_have_ended(order, reason=reason)
        ended.append((order, reason))
        asked = [asked_for(call) for call in restaurant.asked(*STEPS)[before:]]
        if asked.count(action) > 1:
            raise Violated(f"{reason} is an answer, but the saga asked again for “{action}”.")
        steps = list(dict.fromkeys(asked))
        expected = STEPS[: STEPS.index(action) + 1]
        if steps != [*expected]:
            raise Violated(
                f"{reason} is the answer to “{action}”. Until then the saga must ask for "
                f"{', '.join(expected)}; it asked for {', '.join(steps)}."
            )
    refunds, releases = restaurant.asked("refund"), restaurant.asked("release")
    if refunds[-1].number > releases[-1].number:
        raise Violated(
            "The reservation was undone before the charge; last first, it must be after."
        )
    answered = len(restaurant.asked(*STEPS, *UNDOS))
    restaurant.card_limit, restaurant.oven_size = 10**6, 10**6
    restaurant.play()
    restaurant.fill(no_stock["pizza"])
    if world.cloud.engine == "embedded":
        world.pass_time(30 * DAY_S)
    world.note("now nobody would refuse any more")
    restaurant.receive(*placed)
    world.deliver_until_quiet(restaurant.queue)
    for order, reason in ended:
        restaurant.must_have_ended(order, reason=reason)
    must_not_have_asked(restaurant, answered)


def an_end_is_not_reported(restaurant: Restaurant, order: Order) -> None:
    """The only order in the queue is deleted from it by the delivery in which it ends."""
    status = restaurant.saga(order).get("status")
    if status == "FAILED" and restaurant.world.left_in(restaurant.queue):
        raise Violated(
            f"Order {order['order_id']} is FAILED, which is an end, and yet it is to be delivered again."
        )


def must_not_have_asked(restaurant: Restaurant, answered: int) -> None:
    """Since so many questions had been asked, nobody was asked for anything."""
    for call in restaurant.asked(*STEPS, *UNDOS)[answered:]:
        raise Violated(
            f"An order that was FAILED came again, and the saga asked for “{asked_for(call)}” again."
        )


@check("undo")
def another_process_undoes_it(world: World) -> None:
    """A process cannot charge the card; others undo the order, and then it comes back to the first."""
    restaurant = Restaurant(world)
    (order,) = too_many(world, restaurant)
    restaurant.play(Failure(**TIMED_OUT, where={"action": "charge"}))
    restaurant.receive(order)
    world.deliver(restaurant.queue)
    if restaurant.saga(order).get("status") in ENDS:
        return  # it asked again at once; or took a timeout for a refusal, which others judge
    world.note("the order comes in two more messages, to two other processes")
    restaurant.receive(order, order)
    world.deliver_at_once(restaurant.queue)
    failed = restaurant.saga(order).get("status") == "FAILED"
    answered = len(restaurant.asked(*STEPS, *UNDOS))
    world.note("the first process gets its message again")
    if failed:
        restaurant.deliver_and_look(partial(must_not_have_asked, restaurant, answered))
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(order, reason="KitchenRefused")


@check("retry")
def steps_fail_before_they_are_done(world: World) -> None:
    """One order for each step that fails, once or often, between orders that have no trouble."""
    placed = orders(world, 9)
    failing = [("reserve", 1, THROTTLED), ("charge", 1, EXITED), ("accept", 1, BROKEN)]
    # Several that fail for long: whoever waits for each of them has no time left for the last order.
    failing += [("charge", times, TIMED_OUT) for times in (15, 7, 7)] + [("charge", 1, OFF)]
    restaurant = Restaurant(
        world,
        *(
            Failure(**error, where={"action": action, "order_id": order["order_id"]}, times=times)
            for order, (action, times, error) in zip(placed[1:-1], failing, strict=True)
        ),
    )
    restaurant.receive(*placed)
    world.deliver(restaurant.queue)
    if world.left_in(restaurant.queue) > len(failing):
        if world.outcome is not None and world.outcome.kind == "timed out":
            raise Violated(
                f"The invocation was ended after {HANDLER_TIMEOUT_S} seconds, so Lambda counts all of "
                "its records as failed, also those that had no trouble."
            )
        raise Violated("An order that had no trouble is to be delivered again.")
    for order in (placed[0], placed[-1]):
        if restaurant.saga(order).get("status") != "CONFIRMED":
            raise Violated(f"Order {order['order_id']} had no trouble and is not CONFIRMED.")
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(*placed)


@check("charge-once")
def steps_are_done_and_time_out(world: World) -> None:
    """Each step once does its work, and then times out; weeks later the orders come in other messages."""
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
    world.deliver(restaurant.queue)
    if world.cloud.engine == "embedded":
        world.pass_time(45 * DAY_S)
    restaurant.receive(*placed)
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(*placed)


@check("charge-once", refusals, stale_reads, cancellations)
@check("crash", crash_pairs)
def on_the_way_to_confirmed(world: World) -> None:
    """An order that nobody refuses; whatever AWS refuses, and wherever the process is killed."""
    restaurant, placed = Restaurant(world), orders(world, 1)
    restaurant.receive(*placed)
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(*placed)


@check("undo-fails", refusals, stale_reads, cancellations)
@check("undo-crash", crashes)
def on_the_way_to_failed(world: World) -> None:
    """An order that the kitchen refuses, however often it is asked; once it is FAILED, it is undone."""
    restaurant = Restaurant(world)
    placed = too_many(world, restaurant)
    restaurant.receive(*placed)
    world.deliver(restaurant.queue)
    if restaurant.saga(placed[0]).get("status") == "FAILED":
        restaurant.must_have_ended(*placed, reason="KitchenRefused")
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
        ("release", {**TIMED_OUT, "times": 15}),
        ("cancel", {**TIMED_OUT, "times": 2}),
        ("refund", {**CONFLICT}),
        ("refund", {**BROKEN}),
        ("release", {**WRONG}),
        ("cancel", {**THROTTLED}),
    ]
    restaurant = Restaurant(world)
    placed = too_many(world, restaurant, len(failing))
    restaurant.play(
        *(
            Failure(where={"action": action, "order_id": order["order_id"]}, **how)
            for order, (action, how) in zip(placed, failing, strict=True)
        )
    )
    for batch in (placed[:1], placed[1:]):
        world.tell_from_here()
        restaurant.receive(*batch)
        look = partial(restaurant.failed_must_be_undone, *batch, reason="KitchenRefused")
        restaurant.deliver_and_look(look)
        for order, (action, how) in zip(placed, failing, strict=True):
            others_must_have_waited(restaurant, order, action, how.get("times", 1))
    restaurant.must_have_ended(*placed, reason="KitchenRefused")


def others_must_have_waited(restaurant: Restaurant, order: Order, action: str, times: int) -> None:
    """While this undo of an order that the kitchen refused failed, so many times, the next ones waited."""
    calls = restaurant.asked(*UNDOS)
    asked = [asked_for(c) for c in calls if c.summary.endswith(f" {order['order_id']}")]
    tries = [number for number, undo in enumerate(asked) if undo == action]
    if not tries:
        return
    holds = tries[times] if times < len(tries) else len(asked)
    waiting = UNDOS[UNDOS.index(action) + 1 :]
    # There is no ticket, so the cancel that closes its key may as well come last.
    begun = asked[: tries[0]] if action == "cancel" else []
    for undo in asked[:holds]:
        if undo in waiting and undo not in begun:
            raise Violated(
                f"Order {order['order_id']}: “{action}” failed, and the saga asked for “{undo}” "
                f"before “{action}” held."
            )


def _out_of_reach(calls: Calls) -> Iterator[Schedule]:
    """The last step of a batch does not get through, in one way or another."""
    last = max((n for n, call in enumerate(calls, 1) if asked_for(call)), default=None)
    if last is not None:
        yield Schedule((refuse("throttled", at=last, times=None),))
        yield Schedule((cut(at=last, times=None),))
        yield Schedule((lose_reply(at=last, times=None),))


@check("retry", Disturbance(_out_of_reach))
def one_of_a_batch_is_out_of_reach(world: World) -> None:
    """Three orders; those that no call fails for are done. Worked on side by side, several may meet it."""
    restaurant, placed = Restaurant(world), orders(world, 3)
    restaurant.receive(*placed)
    world.deliver(restaurant.queue)
    broken = [call.summary for call in world.learner_calls() if call.outcome != "ok"]
    met = [o for o in placed if any(o["order_id"] in summary for summary in broken)]
    if world.left_in(restaurant.queue) > len(met):
        raise Violated(
            f"Calls for {len(met)} of 3 orders did not get through, and "
            f"{world.left_in(restaurant.queue)} are to be delivered again; it must be those."
        )
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(*placed)


@check("at-once", interrupted_and_stale, stale_reads)
def two_confirm(world: World) -> None:
    """Nobody refuses, so there is nothing to disagree about."""
    restaurant, placed = Restaurant(world), orders(world, 1)
    restaurant.receive(*placed)
    world.deliver_at_once(restaurant.queue)
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended(*placed)


@check("at-once", interleavings_of_twins, long_pauses, stale_reads)
def one_is_refused(world: World) -> None:
    """The kitchen refuses whoever asks first, and would accept the other; one order, two messages."""
    restaurant = Restaurant(world, refuses_once())
    (order,) = orders(world, 1)
    restaurant.receive(order, order)
    world.deliver_at_once(restaurant.queue)
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended_somehow(order, "KitchenRefused")
    restaurant.must_be_undone_last_first()


def _refused(calls: Calls) -> Iterator[Schedule]:
    """The first worker stops when it has been refused, until the second has finished."""
    own = [call for call in calls if call.caller.endswith(" A")]
    asked = [number for number, call in enumerate(own, 1) if asked_for(call) in STEPS]
    for last in asked[-1:]:
        yield Schedule(turns=(("A", last), ("B", None), ("A", None)))


def _refused_and_killed(calls: Calls) -> Iterator[Schedule]:
    """And when it goes on, it is killed after its last undo. Or it stops when it has decided how the saga
    ends, and after its first undo, and is killed as soon as it goes on."""
    own = [call for call in calls if call.caller.endswith(" A")]
    asked = [number for number, call in enumerate(own, 1) if asked_for(call)]
    for schedule in _refused(calls):
        yield Schedule((kill("after", at=asked[-1]),), schedule.turns)
        _, refused = schedule.turns[0]
        undoing = [number for number in asked if number > (refused or 0)]
        for done in range((refused or 0) + 1, undoing[0] + 1) if undoing else ():
            turns = (("A", done), ("B", None), ("A", None))
            yield Schedule((kill("before", at=done + 1),), turns)


def _other_stops_after_a_step(schedule: Schedule, calls: Calls) -> Iterator[Schedule]:
    """The second worker stops after one of its steps, until the first has finished or is dead.

    What it then reads without ConsistentRead may lack what the first has written.
    """
    theirs = [call for call in calls if call.caller.endswith(" B")]
    for number, call in enumerate(theirs, 1):
        if asked_for(call) in STEPS:
            turns = (schedule.turns[0], ("B", number), ("A", None), ("B", None))
            yield Schedule(schedule.faults, turns)
            if any(c.eventual for c in calls):
                reads = tuple(stale(at=number + more) for more in range(1, 9))
                yield Schedule(schedule.faults, turns, reads)


def _other_is_refused_meanwhile(schedule: Schedule, calls: Calls) -> Iterator[Schedule]:
    """The second worker stops when it has been refused, too, until the first has decided."""
    theirs = [call for call in calls if call.caller.endswith(" B")]
    asked = [number for number, call in enumerate(theirs, 1) if asked_for(call) in STEPS]
    for last in asked[-1:]:
        for more in (1, 2):
            turns = (schedule.turns[0], ("B", last), ("A", more), ("B", None), ("A", None))
            yield Schedule(turns=turns)


@check("at-once", Disturbance(_refused, _other_stops_after_a_step))
def one_is_out_of_stock(world: World) -> None:
    """The first step is refused to whoever asks first; the other may be at any step by then."""
    at_once_with_a_refusal(world, "OutOfStock", "reserve")


@check("at-once", Disturbance(_refused_and_killed, _other_stops_after_a_step))
def one_is_declined_and_killed(world: World) -> None:
    """Whoever is refused dies on its way back; one message, so only the other can report it."""
    at_once_with_a_refusal(world, "CardDeclined", "charge")


@check("at-once", Disturbance(_refused_and_killed, _other_stops_after_a_step))
def both_are_declined_and_one_is_killed(world: World) -> None:
    """The other is refused, too, when somebody else has decided that and is dead."""
    at_once_with_a_refusal(world, "CardDeclined", "charge", times=2)


@check("at-once", Disturbance(_refused, _other_is_refused_meanwhile))
def one_is_declined_and_the_other_refused(world: World) -> None:
    """Each is refused by somebody else; the saga ends for one reason, and keeps to it."""
    declined = Failure("CardDeclined", "not just now", where={"action": "charge"})
    at_once(world, Restaurant(world, declined, refuses_once()), "CardDeclined", "KitchenRefused")


def at_once_with_a_refusal(world: World, reason: str, action: str, times: int = 1) -> None:
    refusal = Failure(reason, "not just now", where={"action": action}, times=times)
    at_once(world, Restaurant(world, refusal), reason)


def at_once(world: World, restaurant: Restaurant, *reasons: str) -> None:
    (order,) = orders(world, 1)
    restaurant.receive(order)
    world.deliver_at_once(restaurant.queue)
    world.deliver_until_quiet(restaurant.queue)
    restaurant.must_have_ended_somehow(order, *reasons)
    restaurant.must_be_undone_last_first()


def refuses_once() -> Failure:
    return Failure("KitchenRefused", "the oven is full just now", where={"action": "accept"})
