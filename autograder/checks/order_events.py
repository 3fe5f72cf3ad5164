"""The table of orders, the bus behind it, and what must be true of the two together."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from autograder.checks.stage import Item, Order, items_of, make_table
from autograder.sandbox import Outcome
from autograder.streams import StreamMapping
from autograder.world import Violated, World

PLACED, CONFIRMED = "order.placed.v1", "order.confirmed.v1"
NEWEST = {"PLACED": PLACED, "CONFIRMED": CONFIRMED}
"""Of which event an order's status comes."""
NEVER_CONFIRMED = ("PLACED", "CANCELLED")
SOURCE = "pizzeria.orders"
# RFC 3339, which also allows small letters and a blank: https://www.rfc-editor.org/rfc/rfc3339#section-5.6
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
ENLARGED = {"note": "ring twice", "quantity": 7}
"""What somebody writes to an order, which has fewer pizzas."""
CLOCK_S = 60  # how far a time in an event may be off
_NOT_CLEARED = (
    " Its event was published before the record that failed, and not cleared; what comes before that "
    "record is not delivered again."
)


@dataclass(frozen=True)
class Event:
    """One event as it came out of the bus."""

    id: str
    type: str
    order_id: str
    detail: dict[str, Any]
    envelope: dict[str, Any]


class Restaurant:
    """The orders' table with its stream, and the bus with a queue that gets everything from it."""

    def __init__(self, world: World):
        self.world = world
        self.table = world.variables["ORDERS_TABLE"]
        self._bus = world.variables["EVENT_BUS"]
        self._promised: dict[str, str] = {}
        self._told_before: dict[str, list[str]] = {}
        self._called_off_late: set[str] = set()
        """The orders that had been confirmed when they were called off."""
        self.removed: dict[str, str] = {}
        """The orders that somebody removed, and which status they had then."""
        self._taken: list[Event] = []
        described = make_table(
            world,
            self.table,
            "order_id",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self.mapping = StreamMapping(world, described["LatestStreamArn"])
        self._queue = self._create_bus()

    def _create_bus(self) -> str:
        """Make the bus; a FIFO queue keeps what comes out of it in order."""
        events, sqs = self.world.look("events"), self.world.look("sqs")
        bus = events.create_event_bus(Name=self._bus)["EventBusArn"]
        queue = sqs.create_queue(
            QueueName="published.fifo",
            Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"},
        )["QueueUrl"]
        everything = json.dumps({"source": [{"prefix": ""}]})
        events.put_rule(Name="everything", EventBusName=self._bus, EventPattern=everything)
        target = {
            "Id": "published",
            "Arn": bus.split(":event-bus/")[0].replace(":events:", ":sqs:") + ":published.fifo",
            "SqsParameters": {"MessageGroupId": "published"},
        }
        events.put_targets(Rule="everything", EventBusName=self._bus, Targets=[target])
        return str(queue)

    # --- what happens ---

    def place(self, order: Order) -> Outcome:
        """A customer places an order, and believes in it as soon as the call returns."""
        self.world.note(f"a customer places order {order['order_id']}")
        outcome = self.world.invoke("place_order", order)
        if outcome.kind == "returned":
            self._promised[order["order_id"]] = "PLACED"
        else:
            self.must_not_lie()
        return outcome

    def confirm(self, order: Order) -> Outcome:
        """The kitchen confirms an order, and believes it as soon as the call returns."""
        self.world.note(f"the kitchen confirms order {order['order_id']}")
        outcome = self.world.invoke("confirm_order", order["order_id"])
        if outcome.kind == "returned":
            self._promised[order["order_id"]] = "CONFIRMED"
        else:
            self.must_not_lie()
        return outcome

    def change(self, order_id: str, what: str, expression: str, **values: Any) -> None:
        """Somebody else writes to the table."""
        names = {"#status": "status"} if "#status" in expression else None
        self.world.look("dynamodb").update_item(
            TableName=self.table,
            Key={"order_id": {"S": order_id}},
            UpdateExpression=expression,
            **({"ExpressionAttributeNames": names} if names else {}),
            **({"ExpressionAttributeValues": dynamodb_json(values)} if values else {}),
        )
        self.world.note(f"{what} order {order_id}")

    def enlarge(self, order_id: str) -> None:
        note, quantity = ENLARGED["note"], ENLARGED["quantity"]
        what = "a note and more pizzas are added to"
        self.change(order_id, what, "SET note = :n, quantity = :q", n=note, q=quantity)

    def call_off(self, order_id: str) -> None:
        if self._status(order_id) == "CONFIRMED":
            self._called_off_late.add(order_id)
        self.change(order_id, "the customer calls off", "SET #status = :s", s="CANCELLED")
        self._promised.pop(order_id, None)

    def put(self, item: Item) -> None:
        """An order that was placed, and told of, long ago."""
        self._told_before[item["order_id"]] = [PLACED]
        self.world.look("dynamodb").put_item(TableName=self.table, Item=dynamodb_json(item))
        self.world.note(f"order {item['order_id']} is in the table, {item['status']}")

    def put_many(self, items: Sequence[Item]) -> None:
        """Orders from another system, which have no outbox."""
        for start in range(0, len(items), 25):  # more BatchWriteItem does not take
            puts = [{"PutRequest": {"Item": dynamodb_json(i)}} for i in items[start : start + 25]]
            self.world.look("dynamodb").batch_write_item(RequestItems={self.table: puts})
        self.world.note(f"{len(items)} old orders come into the table, none with an outbox")

    def interrupt(
        self, after: int, change: Callable[[], None], function: str, *args: Any, **options: Any
    ) -> tuple[Outcome, int]:
        """Run one of the learner's functions; after so many of its calls somebody makes a change.

        Returns how it ended and how many calls it made.
        """
        before = len(self.world.learner_calls())
        outcome = self.world.interrupt(after, change, function, *args, **options)
        return outcome, len(self.world.learner_calls()) - before

    def remove(self, order_id: str) -> None:
        self.removed[order_id] = self._status(order_id)
        self.world.look("dynamodb").delete_item(
            TableName=self.table, Key={"order_id": {"S": order_id}}
        )
        self.world.note(f"somebody removes order {order_id}")

    # --- what is there ---

    def items(self) -> dict[str, Item]:
        """The table's items by order id."""
        return {item["order_id"]: item for item in items_of(self.world, self.table)}

    def _status(self, order_id: str) -> str:
        return str(self.items().get(order_id, {}).get("status", ""))

    def published(self) -> list[Event]:
        """Everything that came out of the bus so far, in order."""
        while True:
            messages = self.world.take(self._queue)
            self._taken += [event_of(json.loads(message["Body"])) for message in messages]
            if len(messages) < 10:
                return list(self._taken)

    def times_published(self) -> Counter[tuple[str, str]]:
        """How often each event, order and type, came out of the bus so far."""
        return Counter((event.order_id, event.type) for event in self.published())

    # --- what must hold ---

    def must_not_lie(self) -> None:
        """At no time is something published that is not stored, or stored and neither published nor
        waiting in its outbox."""
        items, published = self.items(), self.published()
        self._must_be_stored(published, items)
        told = {(event.order_id, event.type) for event in published}
        for order_id, item in items.items():
            newest = NEWEST.get(str(item.get("status")), "")
            waits = item.get("outbox") or newest in self._told_before.get(order_id, [])
            if newest and not waits and (order_id, newest) not in told:
                raise Violated(
                    f"Order {order_id} is {item['status']}, but its {newest} is neither published "
                    "nor in its outbox."
                )

    def must_agree(self, orders: Sequence[Order]) -> None:
        """Once the stream is quiet: what was promised is stored, and what is stored was published."""
        items, published = self.items(), self.published()
        for order_id, status in self._promised.items():
            if items.get(order_id, {}).get("status") not in (status, "CONFIRMED"):
                raise Violated(
                    f"The caller was told that order {order_id} is {status}, but in the table it "
                    f"is {items.get(order_id, {}).get('status', 'not there')}."
                )
        self._must_be_stored(published, items)
        for event in published:
            must_be_in_form(event, event.type, event.order_id)
        self._must_be_told_apart(published)
        ids = {event.id: event for event in reversed(published)}
        first = sorted(ids.values(), key=published.index)
        for order in orders:
            item = items.get(order["order_id"])
            if item is not None:
                mine = [event.type for event in first if event.order_id == order["order_id"]]
                before = self._told_before.get(order["order_id"], [])
                self._must_have_told(item, [*before, *mine])
            self._must_tell_of(order, published)
        strangers = {event.order_id for event in first} - {order["order_id"] for order in orders}
        if strangers:
            raise Violated(
                f"An event was published about {min(strangers)!r}, which nobody ordered."
            )

    def _must_be_stored(self, published: Sequence[Event], items: dict[str, Item]) -> None:
        for event in published:
            status = items.get(event.order_id, {}).get("status")
            if status is None:
                removed = any(
                    call.operation == "DeleteItem" and event.order_id in call.summary
                    for call in self.world.learner_calls()
                )
                raise Violated(
                    f"{event.type} was published for order {event.order_id}, which is not in the "
                    f"table.{' The order service itself removed it.' if removed else ''}"
                )
            if event.type == CONFIRMED and status == "PLACED":
                raise Violated(
                    f"{CONFIRMED} was published for order {event.order_id}, which is still PLACED."
                )

    @staticmethod
    def _must_be_told_apart(published: Sequence[Event]) -> None:
        told: dict[str, tuple[str, str]] = {}
        for event in published:
            what = event.order_id, event.type
            if told.setdefault(event.id, what) != what:
                raise Violated(
                    f"Two events have the same id: {told[event.id][1]} of order "
                    f"{told[event.id][0]} and {event.type} of order {event.order_id}. Who receives "
                    "them takes the second for the first once more."
                )

    @staticmethod
    def _must_tell_of(order: Order, published: Sequence[Event]) -> None:
        """Each time an event is published, it says what was so when it came to be."""
        data = {PLACED: order, CONFIRMED: {"order_id": order["order_id"]}}
        for event in published:
            told = event.detail.get("data")
            if event.order_id == order["order_id"] and told != data.get(event.type, told):
                raise Violated(
                    f"{event.type} of order {event.order_id} was published with the data {told!r}; "
                    f"when it came to be, this was so: {data[event.type]!r}."
                )

    def _must_have_told(self, item: Item, types: Sequence[str]) -> None:
        """`types`: of the events published about an item, each id once, in order."""
        order_id, status = item["order_id"], item.get("status")
        late = order_id in self._called_off_late
        due = [PLACED] if status in NEVER_CONFIRMED and not late else [PLACED, CONFIRMED]
        for event_type in due:
            many = types.count(event_type)
            if many == 0:
                before = " and was confirmed before that" if late else ""
                raise Violated(
                    f"Order {order_id} is {status}{before}, but its {event_type} was never published."
                )
            if many > 1:
                raise Violated(
                    f"{event_type} of order {order_id} was published under {many} ids: who "
                    "receives it takes it for as many events."
                )
        if list(types) != due:
            raise Violated(
                f"The events of order {order_id} were published in the order {', '.join(types)}; "
                f"they came to be in the order {', '.join(due)}."
            )
        if item.get("outbox"):
            left = self.mapping.before_a_failure({"order_id": {"S": order_id}})
            raise Violated(
                f"All events are published, but order {order_id} still has an entry in its outbox."
                + (_NOT_CLEARED if left else "")
            )

    def must_hold(self, order: Order, status: str) -> Item:
        """The item of an order, which must be as it was ordered."""
        items = self.items()
        item = items.get(order["order_id"])
        if item is None:
            raise Violated(f"Order {order['order_id']} is not in the table.")
        for name, value in {**order, "status": status}.items():
            if item.get(name) != value:
                raise Violated(
                    f"Order {order['order_id']}: its item has {name} {item.get(name)!r} where it "
                    f"must be {value!r}."
                )
        return item

    def must_be_gone(self, order: Order) -> None:
        if order["order_id"] in self.items():
            raise Violated(
                f"Order {order['order_id']} was removed; something was written to it afterwards, and "
                "so it is back in the table."
            )

    def must_hold_an_entry(self, order: Order, status: str, event_type: str) -> Item:
        item = self.must_hold(order, status)
        if not item.get("outbox"):
            raise Violated(
                f"Order {order['order_id']} is stored without its event: {event_type} must be in "
                "the item’s attribute outbox."
            )
        return item

    def must_be_cleared(self, order: Order) -> None:
        if self.items().get(order["order_id"], {}).get("outbox"):
            raise Violated(
                f"The stream is quiet, but order {order['order_id']} still has an entry in its outbox."
            )

    def must_hold_nothing_but(self, orders: Sequence[Order]) -> None:
        strange = set(self.items()) - {order["order_id"] for order in orders}
        if strange:
            raise Violated(
                f"Of the items in the table {len(strange)} are no orders. An event belongs into the "
                "item of its order: only of one item the stream keeps the changes in order."
            )

    def must_be_unchanged(self, order: Order, before: dict[str, Item]) -> None:
        item, after = before[order["order_id"]], self.items().get(order["order_id"], {})
        for name in sorted({*item, *after}):
            if item.get(name) != after.get(name):
                raise Violated(
                    f"Order {order['order_id']} was {item['status']} and had to stay as it was, "
                    f"but its {name} changed."
                )

    def must_have_published(self, order: Order, event_type: str) -> None:
        for event in self.published():
            if (event.order_id, event.type) == (order["order_id"], event_type):
                return
        raise Violated(f"{event_type} of order {order['order_id']} was never published.")


def event_of(envelope: dict[str, Any]) -> Event:
    """What EventBridge delivered; raises Violated when its detail is no CloudEvent with an id."""
    detail = envelope.get("detail")
    detail = detail if isinstance(detail, dict) else {}
    for name in ("id", "type", "subject"):
        if not isinstance(detail.get(name), str) or not detail[name]:
            raise Violated(
                f"An event was published whose detail has no {name} (it must be a text); it has: "
                f"{', '.join(sorted(detail)) or 'nothing'}."
            )
    return Event(detail["id"], detail["type"], detail["subject"], detail, envelope)


def must_be_in_form(event: Event, event_type: str, order_id: str, **more: Any) -> None:
    """`more`: what else an event's detail must have."""
    expected = {
        "source": (event.envelope.get("source"), SOURCE),
        "detail-type": (event.envelope.get("detail-type"), event_type),
        "detail.specversion": (event.detail.get("specversion"), "1.0"),
        "detail.source": (event.detail.get("source"), SOURCE),
        "detail.type": (event.type, event_type),
        "detail.subject": (event.order_id, order_id),
        **{f"detail.{name}": (event.detail.get(name), value) for name, value in more.items()},
    }
    for name, (value, wanted) in expected.items():
        if value != wanted:
            raise Violated(f"{event_type} has {name} {value!r} where it must be {wanted!r}.")


def must_be_the_event(event: Event, event_type: str, data: Order, happened: datetime) -> None:
    must_be_in_form(event, event_type, data["order_id"], data=data)
    time = event.detail.get("time")
    try:
        if not isinstance(time, str) or not RFC_3339.fullmatch(time):
            raise ValueError
        off = (TypeAdapter(AwareDatetime).validate_python(time) - happened).total_seconds()
    except (ValueError, ValidationError):
        # Digits differ from run to run, and a verdict must not.
        form = re.sub(r"\d", "0", str(time))
        raise Violated(
            f"{event_type} has a time of the form {form!r}; it must be a text such as "
            f"{datetime(2026, 11, 21, 19, 40, tzinfo=timezone.utc).isoformat()!r}, with a time zone."
        ) from None
    if abs(off) > CLOCK_S:
        raise Violated(
            f"The time in {event_type} is {round(abs(off) / 60)} minutes "
            f"{'after' if off > 0 else 'before'} what it tells of happened."
        )


def dynamodb_json(values: dict[str, Any]) -> dict[str, Any]:
    return {
        (f":{name}" if len(name) == 1 else name): TypeSerializer().serialize(value)
        for name, value in values.items()
    }
