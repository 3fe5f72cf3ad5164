"""Never lie about an order: what must hold, criterion by criterion (see labs/outbox/lab.yaml)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from autograder.checks import Checks
from autograder.checks.order_events import (
    CONFIRMED,
    ENLARGED,
    PLACED,
    Restaurant,
    must_be_the_event,
)
from autograder.checks.order_troubles import (
    LONG,
    at_the_first_event,
    at_the_last_call_of_the_bus,
    at_the_last_event,
    bus_is_down_for_long,
    from_the_first_event_on,
    refused_while_ordering,
)
from autograder.checks.stage import Order, orders
from autograder.explore import (
    cancellations,
    crash_pairs,
    crashes,
    interleavings,
    refusals,
    refused_entries,
    stale_reads,
)
from autograder.sandbox import Outcome
from autograder.world import Violated, World
from localcloud import Call

check = Checks()

HOUR_S = 60 * 60
MOST_CALLS = 6  # of one invocation that somebody comes between


OLD_ORDERS, LONG_NOTE = 4, "ring twice " * 27_000  # together more than the 1 MB of a page
PHOTO = b"\x89PNG\xff\xd8"  # a binary, which JSON has only in base64
Change = Callable[[], None]
Work = Callable[[Order, int, Change], tuple[str, int]]
"""Works on an order and lets somebody make a change after so many calls; returns the status that is to
come of it, and how many calls were made."""


@check("place")
def place(world: World) -> None:
    """Two orders, the first of them again: at once, and when it has moved on."""
    restaurant, ordered = Restaurant(world), orders(world, 2)
    first, second = ordered
    # An apostrophe; and a diaeresis that is written apart from its letter, as some keyboards do.
    second.update(order_id=f"O'Brien-{second['order_id']}", customer="Zoe\u0308")
    for order in ordered:
        restaurant.place(order)
        restaurant.must_hold_an_entry(order, "PLACED", PLACED)
    restaurant.must_hold_nothing_but(ordered)
    before = restaurant.items()
    must_return(restaurant.place({**first, "quantity": first["quantity"] + 1}), first)
    restaurant.must_be_unchanged(first, before)
    restaurant.change(
        first["order_id"], "the courier delivers", "SET #status = :s REMOVE outbox", s="DELIVERED"
    )
    before = restaurant.items()
    must_return(restaurant.place(first), first)
    restaurant.must_be_unchanged(first, before)


def must_return(outcome: Outcome, order: Order) -> None:
    if outcome.kind != "returned":
        raise Violated(
            f"Order {order['order_id']} is in the table already, so place_order has nothing to do "
            f"and must return; it did not. {outcome.message}"
        )


@check("confirm")
def confirm(world: World) -> None:
    """An order whose first event is long published; again; two that moved on; one never placed."""
    restaurant = Restaurant(world)
    first, second, third, never = orders(world, 4)
    restaurant.put({**first, "status": "PLACED", "note": "ring twice"})
    restaurant.put({**second, "status": "DELIVERED"})
    # No list of statuses has this one.
    restaurant.put({**third, "status": "".join(world.random.choices("BDFGKMPRTZ", k=6))})
    restaurant.confirm(first)
    restaurant.must_hold_an_entry({**first, "note": "ring twice"}, "CONFIRMED", CONFIRMED)
    for order in (first, second, third):
        before = restaurant.items()
        restaurant.confirm(order)
        restaurant.must_be_unchanged(order, before)
    outcome = world.invoke("confirm_order", never["order_id"])
    if never["order_id"] in restaurant.items():
        raise Violated(
            f"Order {never['order_id']} was never placed, but since confirm_order was called for it "
            "there is an item of that number in the table."
        )
    if outcome.kind == "returned":
        raise Violated(
            f"Order {never['order_id']} is not in the table, but confirm_order returned as if it "
            "had confirmed it; it must raise."
        )


@check("confirm", stale_reads)
def removed_before_it_was_confirmed(world: World) -> None:
    """Somebody has removed the order, once it was placed, confirmed or delivered; a replica may not have
    heard of it."""
    restaurant = Restaurant(world)
    for order, status in zip(orders(world, 3), ("PLACED", "CONFIRMED", "DELIVERED"), strict=True):
        world.tell_from_here()
        world.invoke("place_order", order)
        if status == "CONFIRMED":
            world.invoke("confirm_order", order["order_id"])
        elif status == "DELIVERED":
            restaurant.change(
                order["order_id"], "the courier delivers", "SET #status = :s", s=status
            )
        restaurant.remove(order["order_id"])
        outcome = world.invoke("confirm_order", order["order_id"])
        restaurant.must_be_gone(order)
        if outcome.kind == "returned":
            raise Violated(
                f"Order {order['order_id']} is not in the table any more, but confirm_order "
                "returned as if it had confirmed it; it must raise."
            )


@check("publish")
def publish(world: World) -> None:
    """One order from beginning to end, each of its events an hour before it is published; the table holds
    more than a page of old ones."""
    restaurant = Restaurant(world)
    # The embedded engine scans in the order of the keys.
    *old, order = sorted(orders(world, 1 + OLD_ORDERS), key=lambda each: str(each["order_id"]))
    restaurant.put_many([{**each, "status": "DELIVERED", "note": LONG_NOTE} for each in old])
    data = {PLACED: order, CONFIRMED: {"order_id": order["order_id"]}}
    for event_type, step in ((PLACED, restaurant.place), (CONFIRMED, restaurant.confirm)):
        happened = world.cloud.clock.now()
        step(order)
        if world.cloud.engine == "embedded":
            world.pass_time(HOUR_S)
        restaurant.mapping.deliver_until_quiet()
        restaurant.must_agree([order])
        must_be_the_event(restaurant.published()[-1], event_type, data[event_type], happened)
    if len(restaurant.published()) != 2:
        raise Violated(
            f"Nothing went wrong, but the two events were published {len(restaurant.published())} "
            "times in all."
        )
    restaurant.must_hold_nothing_but([order, *old])


@check("publish")
def publish_many(world: World) -> None:
    """A batch of 92 records, with more events in it than PutEvents takes in one call."""
    restaurant, many = Restaurant(world), orders(world, 92)
    ordered, old = many[:12], many[12:]
    ordered[2].update(order_id=f"O'Brien-{ordered[2]['order_id']}", customer="Zoe\u0308")
    for order in ordered[:6]:
        world.invoke("place_order", order)
    restaurant.put_many([{**order, "status": "DELIVERED"} for order in old])
    for order in ordered[6:]:
        world.invoke("place_order", order)
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_agree(ordered)
    published = [event.order_id for event in restaurant.published()]
    for order in ordered:
        times = published.count(order["order_id"])
        if times > 1:
            raise Violated(
                f"Nothing went wrong, but the event of order {order['order_id']} was published "
                f"{times} times."
            )


@check("silence")
def changes_without_an_entry(world: World) -> None:
    """What others write to the table, while an entry waits and after; orders without any outbox."""
    restaurant = Restaurant(world)
    order, confirmed, old, last = orders(world, 4)
    restaurant.put({**old, "status": "DELIVERED"})
    restaurant.place(order)
    changed = {**order, "quantity": order["quantity"] + 1, "note": "ring twice"}
    restaurant.change(
        order["order_id"],
        "a note and one more pizza are added to",
        "SET note = :n, quantity = :q, photo = :p",
        n=changed["note"],
        q=changed["quantity"],
        p=PHOTO,
    )
    restaurant.call_off(order["order_id"])
    restaurant.place(confirmed)
    restaurant.confirm(confirmed)
    restaurant.call_off(confirmed["order_id"])
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_hold(changed, "CANCELLED")
    restaurant.must_agree([order, confirmed])
    before = len(restaurant.published())
    restaurant.change(order["order_id"], "the note is taken from", "REMOVE note")
    restaurant.change(
        order["order_id"], "the oven is chosen for", "SET oven = :o, extras = :e", o=2, e={"basil"}
    )
    restaurant.mapping.deliver_until_quiet()
    restaurant.remove(old["order_id"])
    restaurant.remove(order["order_id"])
    restaurant.mapping.deliver_until_quiet()
    many = len(restaurant.published()) - before
    if many:
        raise Violated(
            "Of changes that put no entry into an outbox, and of removals, nothing may be "
            f"published; {many} events were."
        )
    world.invoke("place_order", last)
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_have_published(last, PLACED)


@check("silence")
def removed_before_it_was_published(world: World) -> None:
    """The stream tells of an order that is gone by now."""
    restaurant = Restaurant(world)
    gone, kept = orders(world, 2)
    world.invoke("place_order", gone)
    restaurant.remove(gone["order_id"])
    world.invoke("place_order", kept)
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_have_published(kept, PLACED)
    restaurant.must_be_cleared(kept)
    if [event.order_id for event in restaurant.published()].count(gone["order_id"]) > 1:
        raise Violated(
            f"The event of order {gone['order_id']} was published again because the order was "
            "removed."
        )
    restaurant.must_be_gone(gone)


@check("order", refused_entries, at_the_first_event, stale_reads)
def in_order(world: World) -> None:
    """Both events of an order wait in the stream, and the bus or the table refuses something."""
    restaurant = Restaurant(world)
    [order] = orders(world, 1)
    restaurant.place(order)
    restaurant.confirm(order)
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_agree([order])


@check("meanwhile", interleavings, stale_reads)
def confirmed_while_publishing(world: World) -> None:
    """The order is confirmed while the publisher is at work on its first event."""
    restaurant = Restaurant(world)
    [order] = orders(world, 1)
    world.invoke("place_order", order)
    batch = restaurant.mapping.take()
    if batch is None:
        raise Violated("place_order changed nothing in the table.")
    world.note(f"while it works on that, the kitchen confirms order {order['order_id']}")
    confirming = ("confirm_order", order["order_id"])
    published, _ = world.at_once(("handler", batch.event), confirming, context=True)
    restaurant.mapping.settle(batch, published)
    restaurant.must_hold(order, "CONFIRMED")
    restaurant.must_not_lie()
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_hold(order, "CONFIRMED")
    restaurant.must_agree([order])


@check("meanwhile")
def changed_while_publishing(world: World) -> None:
    """Between two calls of the publisher somebody changes the order that it works on."""
    restaurant = Restaurant(world)

    def publish(order: Order, after: int, change: Change) -> tuple[str, int]:
        world.tell_from_here()
        world.invoke("place_order", order)
        batch = restaurant.mapping.take()
        if batch is None:
            raise Violated("place_order changed nothing in the table.")
        event = batch.event
        outcome, made = restaurant.interrupt(after, change, "handler", event, context=True)
        restaurant.mapping.settle(batch, outcome)
        restaurant.mapping.deliver_until_quiet()
        return "PLACED", made

    somebody_comes_between(restaurant, publish)


@check("meanwhile")
def changed_while_confirming(world: World) -> None:
    """Between two calls of confirm_order somebody else changes the order."""
    restaurant = Restaurant(world)

    def confirm(order: Order, after: int, change: Change) -> tuple[str, int]:
        world.tell_from_here()
        restaurant.put({**order, "status": "PLACED"})
        outcome, made = restaurant.interrupt(after, change, "confirm_order", order["order_id"])
        restaurant.mapping.deliver_until_quiet()
        returned = outcome.kind == "returned"
        if returned and restaurant.removed.get(order["order_id"]) == "PLACED":
            raise Violated(
                f"Order {order['order_id']} was removed before it was confirmed, but confirm_order "
                "returned as if it had confirmed it; it must raise."
            )
        return "CONFIRMED" if returned else "PLACED", made

    somebody_comes_between(restaurant, confirm)


def somebody_comes_between(restaurant: Restaurant, work: Work) -> None:
    """After each of its calls in turn, an order gets a note and more pizzas; others are called off, or
    removed."""
    ordered = orders(restaurant.world, 3 * MOST_CALLS)
    noted, called_off, removed = (ordered[first::3] for first in range(3))
    for order, status in at_each_call(work, noted, restaurant.enlarge):
        restaurant.must_hold({**order, **ENLARGED}, status)
        restaurant.must_agree(noted)
    for order, _ in at_each_call(work, called_off, restaurant.call_off):
        restaurant.must_hold(order, "CANCELLED")
    for order, _ in at_each_call(work, removed, restaurant.remove):
        restaurant.must_be_gone(order)


def at_each_call(
    work: Work, ordered: Sequence[Order], change: Callable[[str], None]
) -> Iterator[tuple[Order, str]]:
    """The n-th order is changed after n calls; with each, the status that it must have otherwise."""
    for after, order in enumerate(ordered, 1):
        status, made = work(order, after, partial(change, order["order_id"]))
        yield order, status
        if made <= after:
            return


@check("meanwhile", interleavings, stale_reads)
def placed_twice_at_once(world: World) -> None:
    """A double click."""
    restaurant = Restaurant(world)
    [order] = orders(world, 1)
    world.note(f"a customer places order {order['order_id']} with a double click")
    world.at_once(("place_order", order), ("place_order", order))
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_hold(order, "PLACED")
    restaurant.must_agree([order])


@check("meanwhile", interleavings, stale_reads)
def confirmed_twice_at_once(world: World) -> None:
    """Two cooks confirm the same order."""
    restaurant = Restaurant(world)
    [order] = orders(world, 1)
    world.invoke("place_order", order)
    world.note(f"two cooks confirm order {order['order_id']} at the same time")
    world.at_once(("confirm_order", order["order_id"]), ("confirm_order", order["order_id"]))
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_hold(order, "CONFIRMED")
    restaurant.must_agree([order])


@check("refused", refusals, cancellations, stale_reads)
def a_call_is_refused(world: World) -> None:
    """Whatever AWS refuses: what was promised is stored, and what is stored is published."""
    from_order_to_oven(world)


@check("refused", refused_while_ordering)
def called_again_after_a_refusal(world: World) -> None:
    """Who got an error calls again, and meets the same process."""
    restaurant = Restaurant(world)
    [order] = orders(world, 1)
    again_until_it_returns(restaurant.place, order)
    restaurant.must_hold(order, "PLACED")
    again_until_it_returns(restaurant.confirm, order)
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_agree([order])


@check("refused", bus_is_down_for_long)
def the_bus_is_down_for_long(world: World) -> None:
    """The same record fails again and again, and is published when the bus is back."""
    restaurant = Restaurant(world)
    restaurant.mapping.most_failures = 3 * LONG  # a lease may be in the way of some
    [order] = orders(world, 1)
    restaurant.place(order)
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_agree([order])


@check("refused", refused_entries, from_the_first_event_on, at_the_last_event)
def something_of_a_batch_is_refused(world: World) -> None:
    """A batch begins with an old order; then one is placed, and two are placed and then confirmed. What was
    done before the refused event is not published again."""
    restaurant = Restaurant(world)
    *ordered, old = orders(world, 4)
    batch = [
        *((order, PLACED) for order in ordered),
        *((order, CONFIRMED) for order in ordered[1:]),
    ]
    restaurant.put({**old, "status": "DELIVERED"})
    for order in ordered:
        world.invoke("place_order", order)
    for order in ordered[1:]:
        world.invoke("confirm_order", order["order_id"])
    world.tell_from_here()
    world.note(
        "in the stream wait an old order and three that were placed, two of them confirmed after that"
    )
    only_what_failed_comes_again(restaurant, batch)


@check("refused", at_the_last_call_of_the_bus)
def something_of_a_large_batch_is_refused(world: World) -> None:
    """More orders in a batch than PutEvents takes events in a call."""
    restaurant, ordered = Restaurant(world), orders(world, 12)
    for order in ordered:
        world.invoke("place_order", order)
    world.tell_from_here()
    world.note("twelve orders wait in the stream")
    only_what_failed_comes_again(restaurant, [(order, PLACED) for order in ordered])


def only_what_failed_comes_again(
    restaurant: Restaurant, batch: Sequence[tuple[Order, str]]
) -> None:
    """Deliver a batch and what comes after it; `batch`: of whom its events tell, and their types."""
    world = restaurant.world
    before = len(world.learner_calls())
    restaurant.mapping.deliver()
    # Where nobody doubts what was published, an entry that was left, or a second call, is no excuse.
    clear = all(map(_is_clear, world.learner_calls()[before:]))
    items, at_first = restaurant.items(), restaurant.times_published()
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_agree([order for order, event_type in batch if event_type == PLACED])
    in_all = restaurant.times_published()
    for order, event_type in batch:
        number = order["order_id"]
        left = items[number].get("outbox") and not clear
        if left or not all(at_first[number, kind] for other, kind in batch if other is order):
            return  # of this order something was left to do, so it may come again
        if in_all[number, event_type] > (1 if clear else at_first[number, event_type]):
            raise Violated(
                f"{event_type} of order {number} was published again, although what failed comes "
                "after it in the batch."
            )


def _is_clear(call: Call) -> bool:
    """Whether a call did what it should, or it is known that it did not: its condition did not hold, or the
    bus says what it did not take."""
    lost = call.outcome in ("reply lost", "connection cut")
    done = call.outcome == "ok" or "ConditionalCheckFailed" in call.outcome
    return done or (call.operation == "PutEvents" and not lost)


@check("crash", crashes)
def killed_anywhere(world: World) -> None:
    """One order from placing to confirming; a caller whose call was killed does not call again."""
    from_order_to_oven(world)


@check("crash", crash_pairs)
def killed_and_placed_again(world: World) -> None:
    """The customer who got no answer orders again."""
    restaurant = Restaurant(world)
    [order] = orders(world, 1)
    again_until_it_returns(restaurant.place, order)
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_agree([order])


@check("crash", crashes)
def killed_and_confirmed_again(world: World) -> None:
    """The kitchen that got no answer confirms again."""
    restaurant = Restaurant(world)
    [order] = orders(world, 1)
    restaurant.put({**order, "status": "PLACED"})
    again_until_it_returns(restaurant.confirm, order)
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_agree([order])


def again_until_it_returns(step: Callable[[Order], Outcome], order: Order) -> None:
    for _ in range(3):
        if step(order).kind == "returned":
            return


def from_order_to_oven(world: World) -> None:
    restaurant = Restaurant(world)
    [order] = orders(world, 1)
    restaurant.place(order)
    restaurant.mapping.deliver()
    restaurant.confirm(order)
    restaurant.mapping.deliver_until_quiet()
    restaurant.must_agree([order])
