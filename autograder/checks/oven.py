"""The restaurant of the lab `dlq`: its queues and table, its orders, and what is no order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import cycle
from typing import Any

from autograder.checks.stage import (
    CHANGES,
    Item,
    Order,
    changes_of,
    items_of,
    make_table,
    orders,
    set_status,
    shown,
)
from autograder.world import Violated, World

FOURTEEN_DAYS_S = 14 * 24 * 60 * 60
HOUR_S = 60 * 60
LONGEST_HIDDEN_S = 12 * HOUR_S  # the most that a visibility timeout may be
_MANY = 6
_LARGEST_BATCH = 1_000_000
FIELDS = ("order_id", "pizza", "quantity")


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
        described = make_table(world, self.table, "order_id", StreamSpecification=CHANGES)
        self._stream = described["LatestStreamArn"]

    def receive(self, *bodies: Order | str) -> None:
        texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
        # What is large is sent alone: all entries of a batch may have 1 MiB together.
        size = 10 if sum(map(len, texts)) < _LARGEST_BATCH else 1
        for start in range(0, len(texts), size):
            entries = [
                {"Id": str(number), "MessageBody": text}
                for number, text in enumerate(texts[start : start + size])
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

    def must_have_dead_letters(self, bad: Sequence[str], refused: Sequence[str] = ()) -> None:
        """These and nothing else are in the dead-letter queue; `refused`: valid, but not for DynamoDB."""
        dead = [message["Body"] for message in self.world.take_all(self.dlq)]
        for body in (*bad, *refused):
            if body not in dead:
                what = "order that DynamoDB refuses each time" if body in refused else "bad record"
                raise Violated(
                    f"The {what}, {shown(body)}, is lost: it is not in the dead-letter queue."
                )
            dead.remove(body)
        if dead:
            raise Violated(f"{shown(dead[0])} ended in the dead-letter queue and must not have.")

    def set_status(self, order: Order, status: str) -> None:
        """What the delivery service does some time after an order was cooked."""
        set_status(self.world, self.table, order, status)

    def strike(self, order: Order, field: str) -> None:
        """What somebody does who takes a field out of an order's item."""
        self.world.look("dynamodb").update_item(
            TableName=self.table,
            Key={"order_id": {"S": order["order_id"]}},
            UpdateExpression="REMOVE #f",
            ExpressionAttributeNames={"#f": field},
        )

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
        written = [after for _, after in changes_of(self.world, self._stream)]
        return [str(item.get("quantity")) for item in written if item.get("status") == "COOKED"]


def poison(world: World) -> list[str]:
    """Bodies that are no order, one for each way of being none."""
    good = orders(world, 1)[0]
    wrong: list[dict[str, Any]] = [
        {"quantity": str(good["quantity"])},
        {"quantity": "\ud83c"},  # half of an emoji: nothing that can be printed
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
        json.dumps({"order_id": "bad", "pizza": good["pizza"], "Quantity": good["quantity"]}),
        json.dumps(good)[:-9],
        f"{json.dumps(good)} {json.dumps(good)}",
        json.dumps(json.dumps(good)),
        json.dumps({**good, "order_id": "bad", "pizza": "funghi+"}).replace("+", "\n"),
        "two margheritas, please",
        '"order"',
        "null",
        "17",
        "[]",
        "[" * 100_000,  # deeper than Python reads
    ]


def with_other_fields(plain: Sequence[Order]) -> list[Order]:
    """The same orders with what else an order may say, of many kinds; or with nothing."""
    others: list[dict[str, Any]] = [
        {"customer": "Ada"},
        {},
        {"price": 8.5, "Quantity": "two", "PIZZA": None},
        {"status": "NEW", "pizza": " Calzone "},
        {"pizza": "Mac & “Cheese” <mild>", "quantity": 1_000_000, "customer": None},
        {
            "pizza": "Jalapen\u0303o",
            "address": {"street": "Via Roma 7", "floor": 2.5},
            "extras": ["olives", 1, True],
        },
        {"weight": 1e300, "number": 10**40},  # more than DynamoDB's numbers hold
    ]
    ordered = [
        {**{field: order[field] for field in FIELDS}, **other}
        for order, other in zip(plain, cycle(others), strict=False)
    ]
    ordered[-1]["order_id"] = f"Web-{ordered[-1]['order_id']}/b"
    # An e and an accent, as some keyboards write an é.
    ordered[-2]["order_id"] = f"Caffe\u0301-{ordered[-2]['order_id']}"
    ordered[-3]["order_id"] = f"{ordered[-4]['order_id']} "
    return ordered


def dead_letter(number: int, order: Order) -> tuple[str, dict[str, Any]]:
    """(body, message attributes) of the n-th: spaced in one way or another, or cut off; the first has
    no attributes, the others have one of each type."""
    body = json.dumps(order, indent=number % 2 or None, ensure_ascii=number % 2 == 0)
    if number % 4 == 3:
        body = f" {body}\n"
    attributes = {
        "trace": {"DataType": "String", "StringValue": f"trace-{number}"},
        "attempt": {"DataType": "Number", "StringValue": str(number)},
        "table": {"DataType": "Number.int", "StringValue": str(number % 30)},
        "signature": {"DataType": "Binary", "BinaryValue": bytes((0, 255, number % 256))},
        "photo": {"DataType": "Binary.png", "BinaryValue": bytes((number % 256, 137))},
        "language": {"DataType": "String.iso", "StringValue": "it"},
    }
    return body[:-9] if number == 2 else body, attributes if number else {}


class DeadLetters:
    """A kitchen whose dead-letter queue has messages in it, as many different ones as senders make.

    The last two differ in their attributes alone; of many, two in nothing. `sizes`: how many bytes
    larger each is than an order.
    """

    def __init__(
        self,
        world: World,
        count: int,
        visibility_timeout_s: int | None = None,
        sizes: Sequence[int] = (),
    ):
        self.world = world
        self.kitchen = Kitchen(world, visibility_timeout_s)
        self.sent = [dead_letter(n, order) for n, order in enumerate(orders(world, count - 1))]
        self.sent.append((self.sent[-1][0], dead_letter(count, {})[1]))
        if count > _MANY:
            self.sent[_MANY] = self.sent[_MANY - 1]
        for number, more in enumerate(sizes):  # an é has two bytes
            body, attributes = self.sent[number]
            self.sent[number] = (body + "é" * (more // 2), attributes)
        entries = [
            {"Id": str(number), "MessageBody": body, "MessageAttributes": attributes}
            for number, (body, attributes) in enumerate(self.sent)
        ]
        size = 1 if sizes else 10
        for start in range(0, count, size):
            world.look("sqs").send_message_batch(
                QueueUrl=self.kitchen.dlq, Entries=entries[start : start + size]
            )
        world.pass_time(1)  # their own arrival must not count as the redrive's

    def redrive(
        self, per_second: int, attempts: int, held_up_after: int | None = None
    ) -> list[dict[str, Any]]:
        """Call the learner's redrive, let it finish, and return what is in the order queue.

        `held_up_after`: after so many calls one takes five seconds.
        """
        queue, dlq = self.kitchen.queue, self.kitchen.dlq
        moving_s = len(self.sent) / per_second + 2
        for _ in range(attempts):
            began = self.world.cloud.clock.now()
            call = ("redrive", dlq, queue, per_second)
            if held_up_after:
                outcome = self.world.interrupt(held_up_after, self._hold_up, *call, limit_s=HOUR_S)
            else:
                outcome = self.world.invoke(*call, limit_s=HOUR_S)
            if self.world.bench.cloud.engine != "embedded":
                self._watch_arrivals(per_second, began, moving_s)
                self.world.pass_time(self.world.bench.visibility_timeout_s + 1)
            else:  # whatever redrive has received and not deleted is visible again
                self.world.pass_time(LONGEST_HIDDEN_S + 1)
            if outcome.kind == "returned" and not self.world.left_in(dlq):
                break
        arrived, left = self.world.take_all(queue), self.world.take_all(dlq)
        bodies = {body for body, _ in self.sent}
        for message in arrived:
            if message["Body"] not in bodies:
                raise Violated(f"A message arrived changed: {shown(message['Body'])}.")
        there = [(m["Body"], m.get("MessageAttributes", {})) for m in [*arrived, *left]]
        for body, attributes in self.sent:
            self._must_be(body, attributes, [found for text, found in there if text == body])
        if left:
            raise Violated(
                f"{len(left)} of {len(self.sent)} messages are still in the dead-letter queue."
            )
        return arrived

    def _hold_up(self) -> None:
        self.world.note("SQS is slow: the next call takes 5 seconds")
        self.world.pass_time(5)

    @staticmethod
    def _must_be(body: str, attributes: dict[str, Any], found: Sequence[dict[str, Any]]) -> None:
        """A message is in one of the queues, as it was; `found`: attributes of those with its body."""
        if not found:
            raise Violated(f"The message {shown(body)} is lost: it is in neither queue.")
        if attributes not in found:
            closest = max(
                found, key=lambda one: sum(one.get(n) == v for n, v in attributes.items())
            )
            for name, value in attributes.items():
                if closest.get(name) != value:
                    raise Violated(
                        f"There were messages with the body {shown(body)}. None of them arrived "
                        f"with its message attribute {name} as it was: {value}."
                    )

    @property
    def stamped_anew(self) -> bool:
        """Whether SentTimestamp is when a message arrived; LocalStack keeps the old one when it moves one."""
        operations = [call.operation for call in self.world.learner_calls()]
        embedded = self.world.bench.cloud.engine == "embedded"
        return embedded or "StartMessageMoveTask" not in operations

    def _watch_arrivals(self, per_second: int, began: datetime, seconds: float) -> None:
        """Let those seconds pass, counting what arrives while SQS moves messages; see `stamped_anew`.

        `began`: when redrive was called, which may have waited for them itself.
        """
        task = any(c.operation == "StartMessageMoveTask" for c in self.world.learner_calls())
        for _ in range(round(seconds)):
            arrived = self.world.left_in(self.kitchen.queue)
            second = int((self.world.cloud.clock.now() - began).total_seconds()) + 1
            if task and arrived > per_second * (second + 1):
                raise Violated(f"{arrived} messages arrived within {second} s.")
            self.world.pass_time(1)


def must_keep_the_rate(
    letters: DeadLetters, arrived: Sequence[dict[str, Any]], per_second: int
) -> None:
    if not letters.stamped_anew:
        return
    times = sorted(int(message["Attributes"]["SentTimestamp"]) for message in arrived)
    for first, last in zip(times, times[per_second:], strict=False):
        if last - first < 900:  # what each call takes varies
            # How many more depends on how fast this machine is.
            raise Violated(
                f"More than {per_second} {'messages' if per_second > 1 else 'message'} arrived in "
                "the order queue within one second. A second may begin with any of them, and what "
                "was held up is not to be made up for."
            )


def arn(world: World, queue_url: str) -> str:
    reply = world.look("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    return str(reply["Attributes"]["QueueArn"])
