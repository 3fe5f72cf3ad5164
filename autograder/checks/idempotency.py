"""One pizza, one point: what must hold, criterion by criterion (see labs/idempotency/lab.yaml)."""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import datetime, timezone

from autograder.checks import Checks
from autograder.checks.loyalty import (
    NAMES_OF_EVENTS,
    PHONE,
    Event,
    Loyalty,
    bad_records,
    confirmed,
    count,
    look_alikes,
    some_orders,
    switch_on_time_to_live,
    varied_orders,
    without,
)
from autograder.checks.loyalty_troubles import (
    RECORDS,
    cancellations,
    denials,
    killed_while_the_other_works,
    refused_from_the_second_record,
    refused_operations,
)
from autograder.checks.stage import (
    Order,
    call_until_it_returns,
    items_of,
    make_table,
    shown,
    some_of,
)
from autograder.explore import (
    crash_pairs,
    crashes,
    interleavings,
    long_pauses,
    refusals,
    stale_reads,
)
from autograder.world import Violated, World

check = Checks()

HOUR_S = 60 * 60
SEVEN_DAYS_S = 7 * 24 * HOUR_S


@check("inbox", crashes, refusals)
def create_inbox(world: World) -> None:
    """Made; when it is killed or refused, by trying again."""
    call_until_it_returns(world, "create_inbox")
    must_have_inbox(world)


@check("inbox")
def create_inbox_beside_many_tables(world: World) -> None:
    """There are more tables than AWS lists in one reply; and then it is called again."""
    for number in range(100):
        make_table(world, f"a-table-{number}", "id")
    for _ in range(2):
        call_until_it_returns(world, "create_inbox")
        must_have_inbox(world)


@check("inbox", denials)
def create_inbox_again(world: World) -> None:
    """The inbox is there, with an entry; when a call is denied, create_inbox is called once more."""
    table = world.variables["INBOX_TABLE"]
    make_table(world, table, "event_id")
    switch_on_time_to_live(world, table)
    in_a_week = int(world.cloud.clock.now().timestamp()) + SEVEN_DAYS_S
    world.look("dynamodb").put_item(
        TableName=table,
        Item={"event_id": {"S": "/shop 1"}, "expires_at": {"N": str(in_a_week)}},
    )
    call_until_it_returns(world, "create_inbox")
    must_have_inbox(world)
    if not items_of(world, table):
        raise Violated("Called again, create_inbox lost an entry that was in the inbox.")


def must_have_inbox(world: World) -> None:
    dynamodb, table = world.look("dynamodb"), world.variables["INBOX_TABLE"]
    pages = dynamodb.get_paginator("list_tables").paginate()
    there = [name for page in pages for name in page["TableNames"]]
    if table not in there:
        raise Violated(f"There is no table called {table}; there are: {some_of(there)}.")
    described = dynamodb.describe_table(TableName=table)["Table"]
    types = {a["AttributeName"]: a["AttributeType"] for a in described["AttributeDefinitions"]}
    key = [(part["AttributeName"], part["KeyType"]) for part in described["KeySchema"]]
    if key != [("event_id", "HASH")] or types["event_id"] != "S":
        raise Violated("The inbox’s key must be event_id, a string, and nothing else.")
    found = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if found.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        raise Violated("create_inbox returned, and the inbox’s time to live is not switched on.")
    if found.get("AttributeName") != "expires_at":
        raise Violated(
            f"The inbox’s time to live looks at {found.get('AttributeName')!r}; it must look at "
            "expires_at."
        )


@check("award")
def award_batches(world: World) -> None:
    """Ten events in batches of one, three and six; some customers have points, some order twice.

    No two of the events have the same fields.
    """
    loyalty, orders = Loyalty(world), varied_orders(world, 10)
    for order in orders[:3]:
        loyalty.give(order["customer"], world.random.randint(1, 50))
    for start, size in ((0, 1), (1, 3), (4, 6)):
        events = [confirmed(world, order) for order in orders[start : start + size]]
        events[0].update(subject="dinner", sequence=17, weight=0.5, extra={"a": [1.5]})
        events[0].update(order_id="0", customer="nobody", pizzas=99)
        events[-1] = without(without(events[-1], "time"), "datacontenttype")
        if size > 1:
            events[1].update(datacontenttype="application/json; charset=utf-8", time="tonight")
        if size > 3:
            events[2].update(photo="x" * 500_000)  # more than an item of DynamoDB may have
        world.tell_from_here()
        world.note(
            "events have more fields, of any name: an order may have a type, an envelope a customer"
        )
        left = loyalty.deliver(*events)
        loyalty.must_be_done(left, "A confirmed order")
        loyalty.must_have_awarded(*orders[: start + size])
    loyalty.must_have_noted(len(orders))


@check("award")
def whatever_they_are_called(world: World) -> None:
    """Orders and customers whose names differ by a blank, an accent, a quotation mark or a capital."""
    loyalty, orders = Loyalty(world), look_alikes(world)
    world.note("order_ids and customers differ only in blanks, capitals, accents and other signs")
    left = loyalty.deliver(*[confirmed(world, order) for order in orders])
    loyalty.must_be_done(left, "A confirmed order")
    loyalty.must_have_awarded(*orders)


@check("events")
def bad_records_among_good_ones(world: World) -> None:
    """Batches of eight bad records between two good ones."""
    loyalty, bad = Loyalty(world), bad_records(world)
    starts = range(0, len(bad), 8)
    good = some_orders(world, 2 * len(starts))
    for number, start in enumerate(starts):
        batch, pair = bad[start : start + 8], good[2 * number : 2 * number + 2]
        first, last = (confirmed(world, order) for order in pair)
        world.tell_from_here()
        loyalty.deliver(first, *batch, last)
        reported = Counter(message["Body"] for message in world.take_all(loyalty.queue))
        for body in batch:
            if not reported[body]:
                raise Violated(f"{shown(body)} is lost: it was not reported as failed.")
            reported[body] -= 1
        if sum(reported.values()):
            raise Violated(
                "A good event was reported as failed, beside others that are bad."
                + loyalty.if_raised()
            )
        loyalty.must_have_awarded(*good[: 2 * number + 2])


@check("events")
def a_bad_event_comes_again_as_a_good_one(world: World) -> None:
    """The shop has mended it, and both are in one batch: what was reported was not seen."""
    loyalty, (order,) = Loyalty(world), some_orders(world, 1)
    good = confirmed(world, order)
    world.note("an event lacks its pizzas; behind it comes the same event, mended")
    left = loyalty.deliver({**good, "data": without(order, "pizzas")}, good)
    loyalty.must_have_awarded(order)
    if left != 1:
        raise Violated("Of the two only the event that lacks its pizzas must be reported.")


@check("events")
def events_about_something_else(world: World) -> None:
    """They look like orders or like nothing; all are done, and no table has an item."""
    loyalty, (order, another) = Loyalty(world), some_orders(world, 2)
    left = loyalty.deliver(
        confirmed(world, order, type="order.cooked.v1"),
        confirmed(world, another, type="invoice.paid.v3"),
        confirmed(world, order, type="preorder.confirmed.v1"),
        confirmed(world, order, type="order.confirmedbyphone.v1"),
        without(confirmed(world, order, type="shop.closed.v1"), "data"),
    )
    loyalty.must_be_done(left, "An event about something else")
    for table in (loyalty.inbox, loyalty.awards, loyalty.points):
        if loyalty.items(table):
            raise Violated(f"Events about something else left an item in the table {table}.")


@check("same-event")
def the_same_event_again(world: World) -> None:
    """In the same batch, at once, an hour later by a cold process, and with another order in it."""
    loyalty, (*orders, other) = Loyalty(world), some_orders(world, 4)
    events = [confirmed(world, order) for order in orders]
    left = loyalty.deliver(*events, events[0])
    left += loyalty.deliver(events[1])
    if world.bench.cloud.engine == "embedded":
        world.pass_time(HOUR_S)
    world.cold_start()
    left += loyalty.deliver(events[2], events[0])
    loyalty.must_be_done(left, "An event that was seen before")
    loyalty.must_have_awarded(*orders)
    world.note("the next event has the id and source of an earlier one, and another order in it")
    left = loyalty.deliver({**events[1], "data": other})
    loyalty.must_be_done(left, "An event whose id and source were seen before")
    loyalty.must_have_awarded(*orders)


@check("same-event")
def the_same_id_from_another_source(world: World) -> None:
    """Website and telephone count their events each for itself; and what looks alike only in a row."""
    loyalty, orders = Loyalty(world), some_orders(world, len(NAMES_OF_EVENTS))
    events = [
        confirmed(world, order, source=source, id=event_id)
        for order, (source, event_id) in zip(orders, NAMES_OF_EVENTS, strict=True)
    ]
    for start in range(0, len(events), 10):
        world.tell_from_here()
        world.note("website and telephone have each sent an event with id 11; others look alike")
        left = loyalty.deliver(*events[start : start + 10])
        loyalty.must_be_done(left, "A confirmed order")
        loyalty.must_have_awarded(*orders[: start + 10])


@check("same-order")
def a_double_click(world: World) -> None:
    """Two events in one batch, more of them later, from another source, with other contents."""
    loyalty, (order, other) = Loyalty(world), some_orders(world, 2)
    world.note(f"a double click: two events, with two ids, about order {order['order_id']}")
    left = loyalty.deliver(confirmed(world, order), confirmed(world, order))
    if world.bench.cloud.engine == "embedded":
        world.pass_time(HOUR_S)
    world.cold_start()
    left += loyalty.deliver(confirmed(world, order, source=PHONE), confirmed(world, other))
    changed = {**order, "customer": other["customer"], "pizzas": order["pizzas"] + 1}
    left += loyalty.deliver(confirmed(world, changed))
    loyalty.must_be_done(left, "An event about an order that has earned its points")
    loyalty.must_have_awarded(order, other)


@check("seven-days")
def remembered_for_seven_days(world: World) -> None:
    """The entry’s date; the entry just before it and after it; and what the order then earns.

    The second event meets a process that has been warm for an hour, and has waited as long: somebody
    received it before and gave it up.
    """
    loyalty, (order, reused, new) = Loyalty(world), some_orders(world, 3)
    first, second = confirmed(world, order), confirmed(world, reused)
    deliver_and_look_at_the_date(loyalty, first)
    if world.bench.cloud.engine != "embedded":
        return
    loyalty.receive(second)
    world.receive(loyalty.queue)
    world.note("this event is received, nobody works on it, and it comes again an hour later")
    world.pass_time(HOUR_S)
    deliver_and_look_at_the_date(loyalty)
    world.pass_time(SEVEN_DAYS_S - 2 * HOUR_S)
    loyalty.must_be_done(loyalty.deliver({**first, "data": new}), "An event that was seen before")
    loyalty.must_have_awarded(order, reused)
    world.pass_time(4 * HOUR_S)
    world.note("the week is over; DynamoDB has removed what has expired")
    if there := loyalty.items(loyalty.inbox):
        raise Violated(f"After seven days the inbox still has {count(len(there), 'item')}.")
    loyalty.must_be_done(loyalty.deliver({**second, "data": new}), "A confirmed order")
    loyalty.must_have_awarded(order, reused, new)
    world.cold_start()
    loyalty.must_be_done(
        loyalty.deliver(first), "An event about an order that has earned its points"
    )
    loyalty.must_have_awarded(order, reused, new)


def deliver_and_look_at_the_date(loyalty: Loyalty, *events: Event) -> None:
    """A new event, or the one that waits, leaves one more entry, which expires seven days from now."""
    there = loyalty.items(loyalty.inbox)
    before = loyalty.world.cloud.clock.now()
    loyalty.must_be_done(loyalty.deliver(*events), "A confirmed order")
    after = loyalty.world.cloud.clock.now()
    entries = [entry for entry in loyalty.items(loyalty.inbox) if entry not in there]
    if len(entries) != 1:
        raise Violated(
            f"An event earned points and left {count(len(entries), 'item')} in the inbox."
        )
    expires_at = entries[0].get("expires_at")
    if isinstance(expires_at, str) or expires_at is None:
        raise Violated(
            "expires_at must be a number, or DynamoDB never removes the entry; it is "
            f"{'a text' if isinstance(expires_at, str) else 'not there'}."
        )
    if expires_at != int(expires_at):
        raise Violated("expires_at must be a number of whole seconds; it has a fraction.")
    earliest = math.floor(before.timestamp()) + SEVEN_DAYS_S
    latest = math.ceil(after.timestamp()) + SEVEN_DAYS_S
    if not earliest <= expires_at <= latest:
        raise Violated(
            "expires_at must be the time seven days later, in seconds since 1970; read so, "
            f"it {_told(expires_at, before)}."
        )


def _told(expires_at: float, now: datetime) -> str:
    """When that is, in words that are the same whenever it is graded."""
    ahead_h = (expires_at - now.timestamp()) / HOUR_S
    if abs(ahead_h) < 366 * 24:
        return f"is {round(ahead_h)} hours ahead"
    if expires_at > datetime.max.replace(tzinfo=timezone.utc).timestamp():
        return "is many thousand years ahead, as a number of milliseconds would be"
    return f"is in the year {datetime.fromtimestamp(expires_at, tz=timezone.utc).year}"


@check("crash", crash_pairs)
def killed_anywhere(world: World) -> None:
    """One event; the process is killed, once or twice; SQS delivers it again."""
    loyalty, (order, other) = Loyalty(world), some_orders(world, 2)
    loyalty.give(order["customer"], world.random.randint(1, 50))
    event = confirmed(world, order)
    loyalty.receive(event)
    loyalty.deliver_until_quiet()
    loyalty.must_have_awarded(order)
    must_be_known_an_hour_later(loyalty, event, order, other)


def must_be_known_an_hour_later(loyalty: Loyalty, event: Event, order: Order, other: Order) -> None:
    """After what went wrong, if anything did: an event that earned its points earns nothing again."""
    world = loyalty.world
    quiet = all(call.outcome == "ok" for call in world.learner_calls())
    if quiet or world.bench.cloud.engine != "embedded":
        return
    world.pass_time(HOUR_S)
    world.note("an hour later the same event comes again, with another order in it")
    loyalty.receive({**event, "data": other})
    loyalty.deliver_until_quiet()
    if other["order_id"] in loyalty.must_agree():
        raise Violated(
            "An event that had earned points came again, with another order in it, and earned more."
        )
    loyalty.must_have_awarded(order)


@check("crash", crashes)
def killed_within_a_batch(world: World) -> None:
    """Two orders of one customer."""
    loyalty, (order, another) = Loyalty(world), some_orders(world, 2)
    another["customer"] = order["customer"]
    loyalty.receive(confirmed(world, order), confirmed(world, another))
    loyalty.deliver_until_quiet()
    loyalty.must_have_awarded(order, another)


@check("at-once", interleavings, stale_reads)
def one_event_to_two_workers(world: World) -> None:
    """The visibility timeout passed while the first worker was still at it."""
    loyalty, (order,) = Loyalty(world), some_orders(world, 1)
    loyalty.receive(confirmed(world, order))
    work_at_once(loyalty)
    loyalty.must_have_awarded(order)


@check("at-once", killed_while_the_other_works)
def one_of_two_workers_is_killed(world: World) -> None:
    """Both have the same event; what one of them only has in hand is not done.

    Who comes next may be killed like the first, so this event is received as often as it takes.
    """
    loyalty, (order,) = Loyalty(world, receives=20), some_orders(world, 1)
    loyalty.receive(confirmed(world, order))
    work_at_once(loyalty)
    loyalty.must_have_awarded(order)


@check("at-once", interleavings, stale_reads)
def a_double_click_to_two_workers(world: World) -> None:
    """Two events about one order, one for each worker."""
    loyalty, (order,) = Loyalty(world), some_orders(world, 1)
    loyalty.receive(confirmed(world, order), confirmed(world, order))
    work_at_once(loyalty)
    loyalty.must_have_awarded(order)


@check("at-once", interleavings, long_pauses, stale_reads)
def one_event_with_two_orders_to_two_workers(world: World) -> None:
    """The shop has put another order into it meanwhile; only one of the two earns points."""
    loyalty, orders = Loyalty(world), some_orders(world, 2)
    event = confirmed(world, orders[0])
    world.note("a message comes again, with the same source and id, and another order in it")
    loyalty.receive(event, {**event, "data": orders[1]})
    work_at_once(loyalty)
    first = [order for order in orders if order["order_id"] in loyalty.must_agree()]
    if len(first) > 1:
        raise Violated("One event, delivered with two different orders in it, earned points twice.")
    loyalty.must_have_awarded(*(first or orders))


@check("at-once", interleavings)
def two_orders_of_one_customer(world: World) -> None:
    """Both add to one balance."""
    loyalty, (order, another) = Loyalty(world), some_orders(world, 2)
    another["customer"] = order["customer"]
    loyalty.give(order["customer"], world.random.randint(1, 50))
    loyalty.receive(confirmed(world, order), confirmed(world, another))
    work_at_once(loyalty)
    loyalty.must_have_awarded(order, another)


@check("at-once", interleavings, stale_reads)
def two_orders_of_a_new_customer(world: World) -> None:
    """Neither finds a balance to add to."""
    loyalty, (order, another) = Loyalty(world), some_orders(world, 2)
    another["customer"] = order["customer"]
    loyalty.receive(confirmed(world, order), confirmed(world, another))
    work_at_once(loyalty)
    loyalty.must_have_awarded(order, another)


def work_at_once(loyalty: Loyalty) -> None:
    loyalty.world.deliver_at_once(loyalty.queue)
    loyalty.must_agree()
    loyalty.deliver_until_quiet()


@check("refused", refusals, cancellations)
def a_call_is_refused(world: World) -> None:
    """Whatever AWS refuses, the order has earned its points once in the end, and its event is known."""
    loyalty, (order, other) = Loyalty(world), some_orders(world, 2)
    event = confirmed(world, order)
    loyalty.receive(event)
    loyalty.deliver_until_quiet()
    loyalty.must_have_awarded(order)
    loyalty.must_have_noted(1)
    must_be_known_an_hour_later(loyalty, event, order, other)


@check("refused", refused_from_the_second_record)
def the_rest_of_a_batch_is_refused(world: World) -> None:
    """Three records: what is not awarded is reported right after that delivery, and not all are."""
    loyalty, orders = Loyalty(world), some_orders(world, RECORDS)
    events = [json.dumps(confirmed(world, order)) for order in orders]
    loyalty.receive(*events)
    world.deliver(loyalty.queue)
    awarded = loyalty.must_agree()
    reported = [message["Body"] for message in world.take_all(loyalty.queue)]
    for order, event in zip(orders, events, strict=True):
        if order["order_id"] not in awarded and event not in reported:
            raise Violated(
                f"Order {order['order_id']} earned nothing, and was not reported as failed."
            )
    if awarded and len(reported) == RECORDS:
        raise Violated(
            "One record of a batch was done before AWS refused anything, and it was reported as failed "
            "together with the others."
        )


@check("refused", refused_operations)
def one_of_a_batch_is_refused_for_good(world: World) -> None:
    """Its customer's item has no room for so many points: it becomes a dead letter, and it alone."""
    loyalty, (order, *others) = Loyalty(world), some_orders(world, 4)
    loyalty.give_all_it_can_hold(order["customer"])
    too_many = json.dumps(confirmed(world, {**order, "pizzas": 10**24 + 1}))
    first, *more = (confirmed(world, other) for other in others)
    loyalty.receive(first, too_many, *more)
    loyalty.deliver_until_quiet()
    dead = [message["Body"] for message in world.take_all(loyalty.dlq)]
    loyalty.must_have_awarded(*others)
    if too_many not in dead:
        raise Violated(
            "DynamoDB refused to award an order each time. It is lost: it earned nothing, and it "
            "is not in the dead-letter queue."
        )
    if len(dead) > 1:
        raise Violated(
            "DynamoDB refused to award one order of a batch; other records of the batch were "
            "reported, too, and ended in the dead-letter queue."
        )
