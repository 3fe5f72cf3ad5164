"""The poison pizza: what must hold, criterion by criterion (see labs/dlq/lab.yaml)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from autograder.checks import Checks
from autograder.checks.oven import (
    FOURTEEN_DAYS_S,
    HOUR_S,
    DeadLetters,
    Kitchen,
    arn,
    must_keep_the_rate,
    poison,
    with_other_fields,
)
from autograder.checks.stage import (
    Order,
    call_until_it_returns,
    orders,
    shown,
    some_of,
)
from autograder.explore import (
    Calls,
    Disturbance,
    changes,
    crash_pairs,
    crashes,
    interleavings,
    refusals,
    refused_entries,
    stale_reads,
)
from autograder.schedule import Schedule
from autograder.world import Violated, World
from localcloud import cancel, cut, refuse

check = Checks()


def _errors_that_stay(calls: Calls) -> Iterator[Schedule]:
    for number, call in enumerate(calls, 1):
        yield Schedule((refuse("AccessDeniedException", at=number),))
        if call.operation in ("TransactWriteItems", "ExecuteTransaction"):
            yield Schedule((cancel("TransactionConflict", at=number),))
        elif call.service == "dynamodb" and changes(call):
            yield Schedule((refuse("TransactionConflictException", at=number),))
    yield from _operations_that_fail(calls)


def _operations_that_fail(calls: Calls) -> Iterator[Schedule]:
    for operation in dict.fromkeys(call.operation for call in calls):
        yield Schedule((refuse("unavailable", operation=operation, times=200),))
        yield Schedule((cut(operation=operation, times=200),))
        _, *others = [n for n, call in enumerate(calls, 1) if call.operation == operation]
        for second in others[:1]:
            yield Schedule((refuse("throttled", at=second, operation=operation, times=None),))
            yield Schedule((cut(at=second, operation=operation, times=None),))


errors_that_stay = Disturbance(_errors_that_stay)
"""What the SDK's retries do not get over: one call is denied; an operation fails at every delivery."""

operations_that_fail = Disturbance(_operations_that_fail)


@check("queues", crashes, refusals)
def create_queues(world: World) -> None:
    """Made, made again, and, when it is killed or refused, made by trying again."""
    prefix = f"Shop_{world.random.randint(10, 99)}"
    sqs = world.look("sqs")
    urls = call_until_it_returns(world, "create_queues", prefix).value
    queue, dlq = must_have_queues(world, urls, prefix)
    for url in (queue, dlq):
        world.send(url, json.dumps(orders(world, 1)[0]))
    again = call_until_it_returns(world, "create_queues", prefix).value
    if must_have_queues(world, again, prefix) != (queue, dlq):
        raise Violated("Called again, create_queues returned other queues.")
    for url, name in ((queue, "order queue"), (dlq, "dead-letter queue")):
        found = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0, WaitTimeSeconds=0)
        if not found.get("Messages"):
            raise Violated(f"Called again, create_queues lost a message that was in the {name}.")


@check("queues")
def of_several_shops(world: World) -> None:
    """One function makes the queues of two shops; a third, whose name begins alike, has its own."""
    prefix = f"Shop_{world.random.randint(10, 99)}"
    sqs = world.look("sqs")
    names = [f"{prefix}{end}" for end in ("2-orders", "2-orders-dlq", "-old-orders")]
    theirs = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in names]
    world.note(f"there are queues of others: {', '.join(names)}")
    before = [settings(world, url) for url in theirs]
    for one in (prefix, f"{prefix}-new"):
        must_have_queues(world, call_until_it_returns(world, "create_queues", one).value, one)
    for name, url, was in zip(names, theirs, before, strict=True):
        if settings(world, url) != was:
            raise Violated(f"create_queues changed the settings of {name}, which is not its queue.")


def settings(world: World, url: str) -> dict[str, str]:
    found = world.look("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return {k: v for k, v in found["Attributes"].items() if k != "LastModifiedTimestamp"}


def must_have_queues(world: World, urls: object, prefix: str) -> tuple[str, str]:
    """Return (queue url, dlq url) after looking at everything that create_queues must have set."""
    sqs = world.look("sqs")
    keys = ("queue_url", "dlq_url")
    if not isinstance(urls, dict) or not all(isinstance(urls.get(key), str) for key in keys):
        raise Violated(
            "create_queues must return a dict with the texts queue_url and dlq_url; "
            f"it returned {str(urls)[:100]}."
        )
    expected = {"queue_url": f"{prefix}-orders", "dlq_url": f"{prefix}-orders-dlq"}
    there = {url.rsplit("/", 1)[-1]: url for url in sqs.list_queues().get("QueueUrls", [])}
    for key, name in expected.items():
        if name not in there:
            raise Violated(f"There is no queue called {name}; there are: {some_of(list(there))}.")
        if urls[key].rsplit("/", 1)[-1] != name:
            raise Violated(f"{key} must be the URL of {name}; it is {urls[key][:100]}.")
    queue, dlq = (there[expected[key]] for key in keys)
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    policy = json.loads(attributes.get("RedrivePolicy") or "{}")
    if policy.get("deadLetterTargetArn") != arn(world, dlq):
        raise Violated(f"The order queue’s RedrivePolicy does not name {prefix}-orders-dlq.")
    if str(policy.get("maxReceiveCount")) != "3":
        raise Violated(f"maxReceiveCount is {policy.get('maxReceiveCount')!r}; it must be 3.")
    if attributes.get("ReceiveMessageWaitTimeSeconds", "0") != "20":
        raise Violated(
            "Receiving from the order queue must be a long poll of 20 seconds "
            "(ReceiveMessageWaitTimeSeconds); it is "
            f"{attributes.get('ReceiveMessageWaitTimeSeconds', '0')}."
        )
    attributes = sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["All"])["Attributes"]
    if attributes["MessageRetentionPeriod"] != str(FOURTEEN_DAYS_S):
        raise Violated(
            f"The dead-letter queue keeps messages for {attributes['MessageRetentionPeriod']} "
            f"seconds; 14 days are {FOURTEEN_DAYS_S}."
        )
    allowed = json.loads(attributes.get("RedriveAllowPolicy") or "{}")
    if allowed.get("redrivePermission", "allowAll") != "allowAll" and arn(
        world, queue
    ) not in allowed.get("sourceQueueArns", []):
        raise Violated(
            "The dead-letter queue’s RedriveAllowPolicy does not allow the order queue to use it."
        )
    return queue, dlq


@check("cook")
def cook_a_batch(world: World) -> None:
    """Fifteen orders in batches of one, four and ten, most of them with more than the three fields."""
    kitchen, ordered = Kitchen(world), with_other_fields(orders(world, 15))
    for start, size in ((0, 1), (1, 4), (5, 10)):
        kitchen.receive(*ordered[start : start + size])
        world.deliver(kitchen.queue)
        if world.left_in(kitchen.queue):
            missing = [o for o in ordered[: start + size] if o["order_id"] not in kitchen.items()]
            raise Violated(
                "Valid orders came back: they were not done after their first delivery. "
                f"Not in the table: {json.dumps(missing[0])}."
                if missing
                else "Valid orders came back. All of them are in the table, but the handler’s "
                "answer made Lambda deliver them again."
            )
    kitchen.must_have_cooked(ordered)


@check("poison")
def poison_of_every_kind(world: World) -> None:
    """Each kind of bad record between two good ones; none comes back before all were delivered."""
    kitchen, bad = Kitchen(world, visibility_timeout_s=5 * 60), poison(world)
    good = orders(world, 2 * len(bad) + 2)
    # That there is an order of this number already does not make it one.
    bad.append(json.dumps({**good[0], "quantity": 0}))
    for number, body in enumerate(bad):
        world.tell_from_here()
        kitchen.receive(good[2 * number], body, good[2 * number + 1])
        world.deliver(kitchen.queue)
        kitchen_kept = world.left_in(kitchen.queue) - number
        if kitchen_kept != 1:
            raise Violated(
                f"After a batch of two good orders and {shown(body)}, {kitchen_kept} records are to "
                "be delivered again; it must be the bad one alone."
            )
        kitchen.must_have_cooked(good[: 2 * number + 2])
    if (
        world.bench.cloud.engine == "embedded"
    ):  # elsewhere three times five minutes would be waited for
        world.deliver_until_quiet(kitchen.queue)
        kitchen.must_have_cooked(good)
        kitchen.must_have_dead_letters(bad)


@check("poison")
def poison_in_every_place(world: World) -> None:
    """First, last, everywhere in a batch of five; and a batch of nothing else."""
    kitchen, bad = Kitchen(world), poison(world)
    good = orders(world, 20)
    for place in range(5):
        batch: list[Order | str] = [*good[4 * place : 4 * place + 4]]
        batch.insert(place, bad[place])
        world.tell_from_here()
        kitchen.receive(*batch)
        world.deliver_until_quiet(kitchen.queue)
        kitchen.must_have_cooked(good[: 4 * place + 4])
        kitchen.must_have_dead_letters([bad[place]])
    kitchen.receive(*bad[5:9])
    world.deliver_until_quiet(kitchen.queue)
    kitchen.must_have_dead_letters(bad[5:9])


@check("duplicates")
def delivered_again(world: World) -> None:
    """In the same batch, at once with another pizza, by a cold process, and an hour later."""
    kitchen, (*ordered, new) = Kitchen(world), orders(world, 5)

    def deliver(*again: Order) -> None:
        kitchen.receive(*again)
        world.deliver(kitchen.queue)
        if world.left_in(kitchen.queue):
            raise Violated(
                "The handler’s answer made Lambda deliver an order again that was cooked before; it "
                "counts as done, whatever its record says."
            )

    deliver(*ordered, ordered[0])
    kitchen.must_have_cooked(ordered)
    for order, status in zip(ordered, ("DELIVERED", "DELIVERED", "ON_ITS_WAY"), strict=False):
        kitchen.set_status(order, status)  # the last one is still COOKED
    kitchen.give_courier(ordered[2])
    kitchen.strike(ordered[0], "pizza")
    kitchen.strike(ordered[1], "quantity")
    kitchen.strike(ordered[2], "status")
    world.note(
        "the delivery service changes the items of all four orders: it sets a status or a courier, and "
        "takes out the pizza of one, the quantity of another and the status of the third"
    )
    before = kitchen.items()
    world.note("all four orders are sent again, each with another pizza and quantity")
    deliver(*[{**order, "pizza": "calzone", "quantity": 7} for order in ordered])
    if world.bench.cloud.engine == "embedded":
        world.pass_time(HOUR_S)
    world.cold_start()
    deliver(*ordered[1:3], new, {**ordered[3], "quantity": 8})
    if new["order_id"] not in kitchen.items():
        raise Violated(
            f"Order {new['order_id']} was never cooked: it came in one batch with orders that were "
            "cooked before."
        )
    for order_id, item in before.items():
        now = kitchen.items().get(order_id, {})
        for field in [*item, *now]:
            if now.get(field) != item.get(field):
                raise Violated(
                    f"Order {order_id} was in the table already, so its item must stay as it was. "
                    f"Its {field[:80]} was {item.get(field)!r} and is now {str(now.get(field))[:80]!r}."
                )
    kitchen.must_have_dead_letters([])


@check("duplicates", interleavings, stale_reads)
def to_two_workers(world: World) -> None:
    """Two messages with one order_id reach two workers at the same moment: one of them is cooked."""
    kitchen, (order,) = Kitchen(world), orders(world, 1)
    kitchen.receive(order, {**order, "quantity": order["quantity"] + 1})
    world.deliver_at_once(kitchen.queue)
    quantities = kitchen.quantities_cooked()
    if len(set(quantities)) != 1:
        raise Violated(
            f"Two workers had order {order['order_id']} at the same moment, and it must be cooked "
            f"once. Cooked with quantity: {', and then '.join(quantities) or 'never'}."
        )
    if world.left_in(kitchen.queue):
        raise Violated(
            f"Order {order['order_id']} is cooked, and the worker that came second reported its "
            "record as failed; it counts as done."
        )


@check("refused", refusals)
def a_call_is_refused(world: World) -> None:
    """Whatever AWS refuses, every order is cooked in the end and none is given up."""
    kitchen, ordered = Kitchen(world), orders(world, 3)
    kitchen.receive(*ordered)
    world.deliver_until_quiet(kitchen.queue)
    kitchen.must_have_cooked(ordered)
    kitchen.must_have_dead_letters([])


@check("refused", errors_that_stay)
def the_record_concerned_is_reported(world: World) -> None:
    """What is not stored is reported and nothing else; refused each time, it ends as a dead letter."""
    of_a_batch_what_is_not_stored_is_reported(world, 2)


@check("refused", operations_that_fail)
def a_whole_batch_is_reported(world: World) -> None:
    """Ten orders: to try each of them again and again may take more time than the function has.

    Then all come again, which loses none.
    """
    of_a_batch_what_is_not_stored_is_reported(world, 10, may_time_out=True)


def of_a_batch_what_is_not_stored_is_reported(
    world: World, size: int, may_time_out: bool = False
) -> None:
    kitchen, ordered = Kitchen(world), orders(world, size)
    kitchen.receive(*ordered)
    world.deliver(kitchen.queue)
    reported = world.left_in(kitchen.queue)
    cooked = [item for item in kitchen.items().values() if item.get("status") == "COOKED"]
    missing = len(ordered) - len(cooked)
    timed_out = world.outcome is not None and world.outcome.kind == "timed out"
    if reported != missing and not (timed_out and may_time_out):
        raise Violated(
            f"AWS refused a call: {missing} of {len(ordered)} orders could not be stored, and "
            f"{reported} records are to be delivered again; it must be the same ones."
        )
    world.deliver_until_quiet(kitchen.queue)
    dead = [message["Body"] for message in world.take_all(kitchen.dlq)]
    for order in ordered:
        if order["order_id"] not in kitchen.items() and json.dumps(order) not in dead:
            raise Violated(
                f"Order {order['order_id']} is lost: it is neither in the table nor in the "
                "dead-letter queue."
            )


@check("refused")
def one_record_is_refused(world: World) -> None:
    """A table that refuses three orders for good (too large items): the others are not delayed.

    Before them in the batch is a record that is no order.
    """
    kitchen, (order, *ordered), bad = Kitchen(world), orders(world, 6), "two margheritas, please"
    large = [{**large, "pizza": "x" * 410_000} for large in ordered[:3]]
    large[0]["customer"] = "\ud83c"  # half of an emoji: nothing that can be printed
    good = [order, *ordered[3:]]
    kitchen.receive(order, bad, *large, *ordered[3:])
    world.note("three of the orders have a pizza with a name of 410,000 letters")
    world.deliver(kitchen.queue)
    if world.left_in(kitchen.queue) != 4:
        raise Violated(
            "DynamoDB refuses three orders of a batch (their items are over 400 KB), another record "
            f"is no order, and {world.left_in(kitchen.queue)} records are to be delivered again; it "
            "must be these four."
        )
    kitchen.must_have_cooked(good)
    world.deliver_until_quiet(kitchen.queue)
    kitchen.must_have_dead_letters([bad], [json.dumps(order) for order in large])


@check("crash", crash_pairs)
def killed_anywhere(world: World) -> None:
    """Two orders; the process is killed, once or twice; the messages are delivered again."""
    kitchen, ordered = Kitchen(world), orders(world, 2)
    kitchen.receive(*ordered)
    world.deliver_until_quiet(kitchen.queue)
    kitchen.must_have_cooked(ordered)
    kitchen.must_have_dead_letters([])


@check("redrive")
def a_few_slowly(world: World) -> None:
    """Five messages at one a second, one of which somebody is looking at; then an empty queue.

    Moving them takes longer than the dead-letter queue hides what was received.
    """
    letters = DeadLetters(world, 5, visibility_timeout_s=3)
    world.look("sqs").receive_message(QueueUrl=letters.kitchen.dlq, MaxNumberOfMessages=1)
    world.note("somebody looks at one of the dead letters: it is hidden for a while")
    must_keep_the_rate(letters, letters.redrive(1, attempts=2), 1)
    outcome = world.invoke("redrive", letters.kitchen.dlq, letters.kitchen.queue, 1, limit_s=HOUR_S)
    if outcome.kind != "returned":
        raise Violated(
            f"With an empty dead-letter queue redrive has nothing to do. {outcome.message}"
        )


@check("redrive")
def few_at_a_time(world: World) -> None:
    """Eight messages, two of them the same, of which SQS returns three at a time, as it may."""
    letters = DeadLetters(world, 8)
    world.receive_few(3)
    must_all_have_arrived(letters.redrive(8, attempts=1), 8)


@check("redrive")
def held_up(world: World) -> None:
    """Forty messages at ten a second, and a call in the middle that takes five seconds."""
    letters = DeadLetters(world, 40)
    must_keep_the_rate(letters, letters.redrive(10, attempts=1, held_up_after=6), 10)


@check("redrive")
def two_hundred_at_a_rate(world: World) -> None:
    """200 messages at 15 a second: one batch of ten, but not two."""
    per_second = 15
    letters = DeadLetters(world, 200)
    arrived = letters.redrive(per_second, attempts=1)
    must_all_have_arrived(arrived, 200)
    must_keep_the_rate(letters, arrived, per_second)


@check("redrive")
def large_ones(world: World) -> None:
    """Eight of 150 KB and one of 800: a batch may have 1 MiB, in bytes, and so may a message."""
    letters = DeadLetters(world, 9, sizes=[800_000, *[150_000] * 8])
    must_keep_the_rate(letters, letters.redrive(10, attempts=1), 10)


def must_all_have_arrived(arrived: Sequence[object], count: int) -> None:
    if len(arrived) != count:
        raise Violated(
            f"{count} dead letters became {len(arrived)} messages, although nothing failed."
        )


@check("redrive-crash", crashes, refusals, refused_entries)
def redrive_interrupted(world: World) -> None:
    """Four messages; whatever happens to one call, another call of redrive moves the rest."""
    DeadLetters(world, 4).redrive(2, attempts=4)
