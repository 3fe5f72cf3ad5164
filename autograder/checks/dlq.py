"""The poison pizza: what must hold, criterion by criterion (see labs/dlq/lab.yaml)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any

from autograder.checks import Checks
from autograder.checks.stage import (
    Item,
    Order,
    call_until_it_returns,
    items_of,
    make_table,
    orders,
    set_status,
    some_of,
)
from autograder.explore import (
    Calls,
    Disturbance,
    crash_pairs,
    crashes,
    interleavings,
    refusals,
    refused_entries,
)
from autograder.world import Schedule, Violated, World
from localcloud import cancel, refuse

check = Checks()

FOURTEEN_DAYS_S = 14 * 24 * 60 * 60
HOUR_S = 60 * 60
LONGEST_HIDDEN_S = 12 * HOUR_S  # the most that a visibility timeout may be
FIELDS = ("order_id", "pizza", "quantity")


def _errors_that_stay(calls: Calls) -> Iterator[Schedule]:
    for number, call in enumerate(calls, 1):
        yield Schedule((refuse("AccessDeniedException", at=number),))
        if call.operation in ("TransactWriteItems", "ExecuteTransaction"):
            yield Schedule((cancel("TransactionConflict", at=number),))
    for operation in dict.fromkeys(call.operation for call in calls):
        yield Schedule((refuse("unavailable", operation=operation, times=200),))


errors_that_stay = Disturbance(_errors_that_stay)
"""What the SDK's retries do not get over: one call is denied; an operation fails at every delivery."""


class Kitchen:
    """A restaurant's queues and table, made as the lab describes them."""

    def __init__(self, world: World, visibility_timeout_s: int | None = None):
        self.world = world
        sqs = world.look("sqs")
        timeout = str(visibility_timeout_s or world.bench.visibility_timeout_s)
        self.dlq = sqs.create_queue(
            QueueName="orders-dlq",
            Attributes={
                "MessageRetentionPeriod": str(FOURTEEN_DAYS_S),
                "VisibilityTimeout": timeout,
            },
        )["QueueUrl"]
        policy = {"deadLetterTargetArn": arn(world, self.dlq), "maxReceiveCount": 3}
        self.queue = sqs.create_queue(
            QueueName="orders",
            Attributes={"RedrivePolicy": json.dumps(policy), "VisibilityTimeout": timeout},
        )["QueueUrl"]
        self.table = world.variables["KITCHEN_TABLE"]
        changes = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        described = make_table(world, self.table, "order_id", StreamSpecification=changes)
        self._stream = described["LatestStreamArn"]

    def receive(self, *bodies: Order | str) -> None:
        entries = [
            {"Id": str(number), "MessageBody": b if isinstance(b, str) else json.dumps(b)}
            for number, b in enumerate(bodies)
        ]
        self.world.look("sqs").send_message_batch(QueueUrl=self.queue, Entries=entries)

    def items(self) -> dict[str, Item]:
        """The table's items by order id."""
        return {item["order_id"]: item for item in items_of(self.world, self.table)}

    def must_have_cooked(self, orders: Sequence[Order], status: str = "COOKED") -> None:
        items = self.items()
        for order in orders:
            name, item = f"Order {order['order_id']}", items.pop(order["order_id"], None)
            if item is None:
                raise Violated(f"{name} was never cooked: it is not in the table.")
            for field, value in (
                ("pizza", order["pizza"]),
                ("quantity", order["quantity"]),
                ("status", status),
            ):
                if item.get(field) != value:
                    raise Violated(
                        f"{name}: its item has {field} {item.get(field)!r} where it must be {value!r}."
                    )
        if items:
            raise Violated(
                f"The table has an item for {next(iter(items))!r}, which nobody ordered."
            )

    def must_have_dead_letters(self, bodies: Sequence[str]) -> None:
        dead = [message["Body"] for message in self.world.take_all(self.dlq)]
        for body in bodies:
            if body not in dead:
                raise Violated(
                    f"The bad record {body[:60]!r} is lost: it is not in the dead-letter queue."
                )
            dead.remove(body)
        if dead:
            raise Violated(f"{dead[0][:60]!r} ended in the dead-letter queue and must not have.")

    def set_status(self, order: Order, status: str) -> None:
        """What the delivery service does some time after an order was cooked."""
        set_status(self.world, self.table, order, status)

    def give_courier(self, order: Order) -> None:
        """What the delivery service does, too: it writes more into an order's item."""
        self.world.look("dynamodb").update_item(
            TableName=self.table,
            Key={"order_id": {"S": order["order_id"]}},
            UpdateExpression="SET courier = :c",
            ExpressionAttributeValues={":c": {"S": "Grace"}},
        )

    def quantities_cooked(self) -> list[str]:
        """The quantity of each item that was COOKED, as written, also what was overwritten since."""
        streams = self.world.look("dynamodbstreams")
        written: list[Item] = []
        for shard in streams.describe_stream(StreamArn=self._stream)["StreamDescription"]["Shards"]:
            beginning = streams.get_shard_iterator(
                StreamArn=self._stream,
                ShardId=shard["ShardId"],
                ShardIteratorType="TRIM_HORIZON",
            )["ShardIterator"]
            records = streams.get_records(ShardIterator=beginning)["Records"]
            written += [record["dynamodb"].get("NewImage", {}) for record in records]
        cooked = [item for item in written if item.get("status") == {"S": "COOKED"}]
        return [str(item.get("quantity", {}).get("N")) for item in cooked]


def poison(world: World) -> list[str]:
    """Bodies that are no order, one for each way of being none."""
    good = orders(world, 1)[0]
    wrong: list[dict[str, Any]] = [
        {"quantity": str(good["quantity"])},
        {"quantity": 0},
        {"quantity": -2},
        {"quantity": 1.5},
        {"quantity": 2.0},
        {"quantity": True},
        {"quantity": None},
        {"pizza": None},
        {"pizza": ""},
        {"pizza": [good["pizza"]]},
        {"order_id": int(good["order_id"])},
        {"order_id": ""},
    ]
    bodies = [
        json.dumps({**good, "order_id": f"bad-{n}", **change}) for n, change in enumerate(wrong, 1)
    ]
    for missing in ("order_id", "pizza", "quantity"):
        bodies.append(json.dumps({k: v for k, v in good.items() if k != missing}))
    return [
        *bodies,
        json.dumps(good)[:-9],
        "two margheritas, please",
        '"order"',
        "null",
        "17",
        "[]",
    ]


@check("queues", crashes)
def create_queues(world: World) -> None:
    """Made, made again, and, when it is killed, made by trying again."""
    prefix = f"shop{world.random.randint(10, 99)}"
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
                f"Not in the table: {json.dumps(missing[0]) if missing else 'none'}."
            )
    kitchen.must_have_cooked(ordered)


def with_other_fields(plain: Sequence[Order]) -> list[Order]:
    """The same orders with what else an order may say, of many kinds; or with nothing."""
    others: list[dict[str, Any]] = [
        {"customer": "Ada"},
        {},
        {"price": 8.5},
        {"status": "NEW"},
        {"pizza": "Quattro Stagioni", "quantity": 120, "customer": None},
        {"address": {"street": "Via Roma 7", "floor": 2.5}, "extras": ["olives", 1, True]},
    ]
    ordered = [
        {**{field: order[field] for field in FIELDS}, **other}
        for order, other in zip(plain, cycle(others), strict=False)
    ]
    ordered[-1]["order_id"] = f"Web-{ordered[-1]['order_id']}/b"
    return ordered


@check("poison")
def poison_of_every_kind(world: World) -> None:
    """Each kind of bad record between two good ones; none comes back before all were delivered."""
    kitchen, bad = Kitchen(world, visibility_timeout_s=5 * 60), poison(world)
    good = orders(world, 2 * len(bad))
    for number, body in enumerate(bad):
        kitchen.receive(good[2 * number], body, good[2 * number + 1])
        world.deliver(kitchen.queue)
        kitchen_kept = world.left_in(kitchen.queue) - number
        if kitchen_kept != 1:
            raise Violated(
                f"After a batch of two good orders and {body[:60]!r}, {kitchen_kept} records are to "
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
    kitchen, ordered = Kitchen(world), orders(world, 4)
    kitchen.receive(*ordered, ordered[0])
    world.deliver(kitchen.queue)
    kitchen.must_have_cooked(ordered)
    for order, status in zip(ordered, ("DELIVERED", "DELIVERED", "ON_ITS_WAY"), strict=False):
        kitchen.set_status(order, status)  # the last one is still COOKED
    kitchen.give_courier(ordered[2])
    world.note("the delivery service sets the status of three orders, and the courier of one")
    before = kitchen.items()
    kitchen.receive(*[{**order, "pizza": "calzone", "quantity": 7} for order in ordered])
    world.deliver(kitchen.queue)
    if world.bench.cloud.engine == "embedded":
        world.pass_time(HOUR_S)
    world.cold_start()
    kitchen.receive(*ordered[1:3], {**ordered[3], "quantity": 8})
    world.deliver(kitchen.queue)
    for order_id, item in before.items():
        now = kitchen.items().get(order_id, {})
        for field in [*item, *now]:
            if now.get(field) != item.get(field):
                raise Violated(
                    f"Order {order_id} was in the table already, so its item must stay as it was. "
                    f"Its {field[:80]} was {item.get(field)!r} and is now {str(now.get(field))[:80]!r}."
                )
    if world.left_in(kitchen.queue):
        raise Violated("An order that was cooked before was reported as failed; it counts as done.")
    kitchen.must_have_dead_letters([])


@check("duplicates", interleavings)
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
    kitchen, ordered = Kitchen(world), orders(world, 2)
    kitchen.receive(*ordered)
    world.deliver(kitchen.queue)
    reported = world.left_in(kitchen.queue)
    cooked = [item for item in kitchen.items().values() if item.get("status") == "COOKED"]
    missing = len(ordered) - len(cooked)
    if reported != missing:
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
    """A table that refuses one order for good (its item is too large): the others are not delayed."""
    kitchen, ordered = Kitchen(world), orders(world, 3)
    large = {**orders(world, 1)[0], "order_id": "large", "pizza": "x" * 410_000}
    kitchen.receive(ordered[0], large, *ordered[1:])
    world.deliver(kitchen.queue)
    if world.left_in(kitchen.queue) != 1:
        raise Violated(
            "DynamoDB refuses one order of a batch (its item is over 400 KB), and "
            f"{world.left_in(kitchen.queue)} records are to be delivered again; it must be that one."
        )
    kitchen.must_have_cooked(ordered)
    world.deliver_until_quiet(kitchen.queue)
    kitchen.must_have_dead_letters([json.dumps(large)])


@check("crash", crash_pairs)
def killed_anywhere(world: World) -> None:
    """Two orders; the process is killed, once or twice; the messages are delivered again."""
    kitchen, ordered = Kitchen(world), orders(world, 2)
    kitchen.receive(*ordered)
    world.deliver_until_quiet(kitchen.queue)
    kitchen.must_have_cooked(ordered)
    kitchen.must_have_dead_letters([])


def dead_letter(number: int, order: Order) -> tuple[str, dict[str, Any]]:
    """(body, message attributes) of the n-th: spaced in one way or another, or cut off; the first has
    no attributes, the others have one of each type."""
    body = json.dumps(order, indent=number % 2 or None, ensure_ascii=number % 2 == 0)
    attributes = {
        "trace": {"DataType": "String", "StringValue": f"trace-{number}"},
        "attempt": {"DataType": "Number", "StringValue": str(number)},
        "signature": {"DataType": "Binary", "BinaryValue": bytes((0, 255, number % 256))},
    }
    return body[:-9] if number == 2 else body, attributes if number else {}


class DeadLetters:
    """A kitchen whose dead-letter queue has messages in it, as many different ones as senders make."""

    def __init__(self, world: World, count: int):
        self.world = world
        self.kitchen = Kitchen(world)
        self.sent = dict(dead_letter(n, order) for n, order in enumerate(orders(world, count)))
        entries = [
            {"Id": str(number), "MessageBody": body, "MessageAttributes": attributes}
            for number, (body, attributes) in enumerate(self.sent.items())
        ]
        for start in range(0, count, 10):
            world.look("sqs").send_message_batch(
                QueueUrl=self.kitchen.dlq, Entries=entries[start : start + 10]
            )
        world.pass_time(1)  # their own arrival must not count as the redrive's

    def redrive(self, per_second: int, attempts: int) -> list[dict[str, Any]]:
        """Call the learner's redrive, let it finish, and return what is in the order queue."""
        queue, dlq = self.kitchen.queue, self.kitchen.dlq
        moving_s = len(self.sent) / per_second + 2
        for _ in range(attempts):
            outcome = self.world.invoke("redrive", dlq, queue, per_second, limit_s=HOUR_S)
            if self.world.bench.cloud.engine != "embedded":
                self._watch_arrivals(per_second, moving_s)
                self.world.pass_time(max(moving_s, self.world.bench.visibility_timeout_s + 1))
            else:  # whatever redrive has received and not deleted is visible again
                self.world.pass_time(LONGEST_HIDDEN_S + 1)
            if outcome.kind == "returned" and not self.world.left_in(dlq):
                break
        arrived = self.world.take_all(queue)
        left = {message["Body"] for message in self.world.take_all(dlq)}
        bodies = {message["Body"] for message in arrived}
        for body in sorted(bodies - set(self.sent)):
            raise Violated(f"A message arrived changed: {body[:60]!r}.")
        for body in self.sent:
            if body not in bodies | left:
                raise Violated(f"The message {body[:60]!r} is lost: it is in neither queue.")
        if left:
            raise Violated(
                f"{len(left)} of {len(self.sent)} messages are still in the dead-letter queue."
            )
        for message in arrived:
            attributes = message.get("MessageAttributes", {})
            for name, value in self.sent[message["Body"]].items():
                if attributes.get(name) != value:
                    raise Violated(
                        f"{message['Body'][:60]!r} arrived without its message attribute {name} "
                        f"as it was: {value}."
                    )
        return arrived

    @property
    def stamped_anew(self) -> bool:
        """Whether SentTimestamp is when a message arrived; LocalStack keeps the old one when it moves one."""
        operations = [call.operation for call in self.world.learner_calls()]
        embedded = self.world.bench.cloud.engine == "embedded"
        return embedded or "StartMessageMoveTask" not in operations

    def _watch_arrivals(self, per_second: int, seconds: float) -> None:
        """Count what arrives while SQS moves messages; see `stamped_anew`."""
        for second in range(round(seconds)):
            most, arrived = per_second * (second + 2), self.world.left_in(self.kitchen.queue)
            task = any(c.operation == "StartMessageMoveTask" for c in self.world.learner_calls())
            if task and arrived > most:
                raise Violated(f"{arrived} messages arrived within {second + 1} s, not {most}.")
            self.world.pass_time(1)


@check("redrive")
def two_hundred_at_a_rate(world: World) -> None:
    """200 messages at 15 a second: one batch of ten, but not two."""
    per_second = 15
    letters = DeadLetters(world, 200)
    arrived = letters.redrive(per_second, attempts=1)
    if len(arrived) != 200:
        raise Violated(f"200 dead letters became {len(arrived)} messages, although nothing failed.")
    must_keep_the_rate(letters, arrived, per_second)


@check("redrive")
def a_few_slowly(world: World) -> None:
    """Three messages at one a second, one of which somebody is looking at; then an empty queue."""
    letters = DeadLetters(world, 3)
    world.look("sqs").receive_message(QueueUrl=letters.kitchen.dlq, MaxNumberOfMessages=1)
    world.note("somebody looks at one of the dead letters: it is hidden for a while")
    must_keep_the_rate(letters, letters.redrive(1, attempts=2), 1)
    outcome = world.invoke("redrive", letters.kitchen.dlq, letters.kitchen.queue, 1, limit_s=HOUR_S)
    if outcome.kind != "returned":
        raise Violated(
            f"With an empty dead-letter queue redrive has nothing to do. {outcome.message}"
        )


def must_keep_the_rate(
    letters: DeadLetters, arrived: Sequence[dict[str, Any]], per_second: int
) -> None:
    if not letters.stamped_anew:
        return
    times = sorted(int(message["Attributes"]["SentTimestamp"]) for message in arrived)
    for first, last in zip(times, times[per_second:], strict=False):
        if last - first < 990:  # SentTimestamp is in milliseconds, rounded
            within = sum(first <= time < first + 990 for time in times)
            raise Violated(
                f"{within} messages arrived in the order queue within one second; "
                f"at most {per_second} may."
            )


@check("redrive-crash", crashes, refusals, refused_entries)
def redrive_interrupted(world: World) -> None:
    """Four messages; whatever happens to one call, another call of redrive moves the rest."""
    DeadLetters(world, 4).redrive(2, attempts=4)


def arn(world: World, queue_url: str) -> str:
    reply = world.look("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    return str(reply["Attributes"]["QueueArn"])
