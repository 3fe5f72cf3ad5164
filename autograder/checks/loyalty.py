"""Loyalty's queue and tables, and the events that arrive there: the stage of the lab `idempotency`."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from typing import Any

from botocore.exceptions import ClientError

from autograder.checks.stage import Item, Order, items_of, make_queue, make_table
from autograder.world import NotHere, Violated, World

CUSTOMERS = ["Ada", "Bao", "Chidi", "Dalia", "Emil", "Fatou", "Goro", "Zoë"]
SHOP, PHONE = "/shop/website", "/shop/phone"
MEMBER_SINCE = "2021-04-17"
LARGEST_ITEM = 400 * 1024  # bytes; DynamoDB refuses what would be larger
Event = dict[str, Any]


class Loyalty:
    """Loyalty's queue and tables, made as the lab describes them."""

    def __init__(self, world: World, receives: int = 5):
        self.world = world
        # Where time cannot be moved the visibility timeout is short, but a worker's 30 s are not.
        receives = receives if world.bench.cloud.engine == "embedded" else 20
        self.queue, self.dlq = make_queue(world, "events", receives)
        self.before: Counter[str] = Counter()
        """What customers had before."""
        names = world.variables
        self.inbox, self.awards, self.points = (
            names[f"{name}_TABLE"] for name in ("INBOX", "AWARDS", "POINTS")
        )
        for table, key in (
            (self.inbox, "event_id"),
            (self.awards, "order_id"),
            (self.points, "customer"),
        ):
            make_table(world, table, key)
        switch_on_time_to_live(world, self.inbox)

    def give(self, customer: str, points: int) -> None:
        """Let a customer have some points already, and something else in the same item."""
        self._give(customer, points)

    def give_all_it_can_hold(self, customer: str) -> None:
        """Let a customer have one point and so large an item that it has no room for a long number.

        Raises NotHere where an item may not be as large as on AWS.
        """
        used = len(f"customer{customer}points_member_since{MEMBER_SINCE}note".encode())
        try:
            self._give(customer, 1, note={"S": "x" * (LARGEST_ITEM - used - 8)})
        except ClientError as error:
            if self.world.cloud.engine == "embedded":
                raise
            raise NotHere("an item may not be as large as on AWS") from error

    def _give(self, customer: str, points: int, **more: Any) -> None:
        self.before[customer] += points
        self.world.look("dynamodb").put_item(
            TableName=self.points,
            Item={
                "customer": {"S": customer},
                "points": {"N": str(points)},
                "member_since": {"S": MEMBER_SINCE},
                **more,
            },
        )

    def receive(self, *bodies: Event | str) -> None:
        for body in bodies:
            self.world.send(self.queue, body if isinstance(body, str) else json.dumps(body))

    def deliver(self, *bodies: Event | str) -> int:
        """Deliver these as one batch and return how many records are to be delivered again."""
        self.receive(*bodies)
        self.world.deliver(self.queue)
        self.must_agree()
        return self.world.left_in(self.queue)

    def deliver_until_quiet(self) -> None:
        """Deliver until the queue is empty, looking at the tables after every invocation."""
        for _ in range(100):
            if self.world.deliver(self.queue):
                self.must_agree()
            elif self.world.left_in(self.queue):
                self.world.pass_time(self.world.bench.visibility_timeout_s + 1)
            else:
                return
        raise Violated("The queue never becomes empty.")

    def items(self, table: str) -> list[Item]:
        """The items of one of its tables."""
        return items_of(self.world, table)

    def balances(self) -> Counter[str]:
        """Points by customer, as POINTS_TABLE has them."""
        balances: Counter[str] = Counter()
        for item in self.items(self.points):
            if isinstance(item.get("points", 0), str):
                raise Violated(f"The points of {item['customer']} must be a number.")
            if item["customer"] in self.before and item.get("member_since") != MEMBER_SINCE:
                raise Violated(
                    f"The item of {item['customer']} in POINTS_TABLE had another attribute than "
                    "points, member_since. It must stay as it is."
                )
            balances[item["customer"]] = item.get("points", 0)
        return balances

    def must_agree(self) -> dict[str, Item]:
        """Each customer has what their orders earned by AWARDS_TABLE, at every moment.

        Returns the awards by order.
        """
        awards = {item["order_id"]: item for item in self.items(self.awards)}
        earned = Counter(self.before)
        for order_id, award in awards.items():
            if not isinstance(award.get("points"), int):
                raise Violated(
                    f"The award for order {order_id} needs points, a whole number; it has "
                    f"{award.get('points')!r}."
                )
            earned[str(award.get("customer"))] += award["points"]
        balances = self.balances()
        for customer in sorted({*earned, *balances}):
            if earned[customer] != balances[customer]:
                raise Violated(
                    f"At this moment {customer} should have {count(earned[customer])}, by the table "
                    f"of awards, and has {balances[customer]}: the two must change together."
                )
        return awards

    def must_have_awarded(self, *orders: Order) -> None:
        """These orders, and no others, have earned points, once."""
        awards = self.must_agree()
        awarded = set(awards)
        for order in orders:
            award = awards.pop(order["order_id"], None)
            name = f"Order {order['order_id']}"
            if award is None:
                in_the_dlq = order["order_id"] in self._orders_in_the_dlq()
                raise Violated(
                    f"{name} earned nothing: {order['customer']} should have got "
                    f"{count(order['pizzas'])} for it."
                    + (" Its message is in the dead-letter queue." if in_the_dlq else "")
                )
            if (award.get("customer"), award.get("points")) != (order["customer"], order["pizzas"]):
                raise Violated(
                    f"{name} earned {order['customer']} {count(order['pizzas'])}; its award says "
                    f"{award.get('points')} for {award.get('customer')}."
                )
        if awards:
            raise Violated(f"Order {next(iter(awards))[:80]} earned points and must not have.")
        if dead := self.world.left_in(self.dlq):
            raise Violated(
                f"{count(dead, 'good record')} ended in the dead-letter queue: received too often "
                "without success."
                + (
                    " Its order has earned its points, so it counts as done."
                    if dead == 1 and awarded & set(self._orders_in_the_dlq())
                    else ""
                )
            )

    def _orders_in_the_dlq(self) -> list[object]:
        """Their ids, where all that is in there are orders. This empties the queue."""
        events = [json.loads(message["Body"]) for message in self.world.take_all(self.dlq)]
        return [event["data"]["order_id"] for event in events]

    def must_have_noted(self, events: int) -> None:
        """So many events have earned points, and the inbox has one item of each and nothing else."""
        entries = len(self.items(self.inbox))
        if entries != events:
            raise Violated(
                f"{count(events, 'event')} earned points; the inbox has {count(entries, 'item')}."
            )

    def must_be_done(self, left: int, what: str) -> None:
        if left:
            raise Violated(f"{what} was reported as failed; it counts as done.{self.if_raised()}")

    def if_raised(self) -> str:
        """Why a good event failed, where it was for the handler's exception; to be added to a message."""
        if self.world.outcome is None or self.world.outcome.kind != "raised":
            return ""
        return " The handler raised, so Lambda counts the good events of the batch as failed, too."


def switch_on_time_to_live(world: World, table: str) -> None:
    world.look("dynamodb").update_time_to_live(
        TableName=table,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
    )


def some_orders(world: World, number: int) -> list[Order]:
    """Orders of different customers, which differ from submission to submission."""
    numbers = world.random.sample(range(1000, 10000), number)
    customers = world.random.sample(CUSTOMERS, len(CUSTOMERS))
    return [
        {
            "order_id": str(order_id),
            "customer": customers[n % len(customers)],
            "pizzas": world.random.randint(1, 6),
            "total": world.random.randint(700, 9000),
        }
        for n, order_id in enumerate(numbers)
    ]


def varied_orders(world: World, number: int) -> list[Order]:
    """Orders as other shops write them: with fewer fields and with more, of every kind of value."""
    orders = some_orders(world, number)
    variations: list[Order] = [
        {"order_id": "web-7a", "note": None, "points": 0},
        {"order_id": "WEB-7A", "total": 19.5, "exact": 10**44 + 1},
        {"order_id": "17/b 3", "discounts": [{"code": "TUESDAY", "rate": 0.15}]},
        {"pizzas": world.random.randint(100, 900), "status": "NEW", "gift": False},
        # Fields that an envelope or the inbox has, too; here they say something else.
        {"type": "delivery", "id": "1", "source": "/till", "specversion": "2.0"},
        {
            "type": "order.confirmed.v1",
            "id": "1",
            "source": "/till",
            "event_id": "1",
            "expires_at": 1,
        },
    ]
    for order, variation in zip(orders, variations, strict=False):
        order.update(variation)
    return [without(order, "total") if n % 2 else order for n, order in enumerate(orders, 1)]


def look_alikes(world: World) -> list[Order]:
    """Orders and customers who are all different, and some would be the same to who tidies texts."""
    orders = some_orders(world, len(LOOK_ALIKES))
    names = zip(orders, LOOK_ALIKES, strict=True)
    return [{**order, "order_id": order_id, "customer": name} for order, (order_id, name) in names]


LOOK_ALIKES = [
    ("é7", "Zoë"),
    ("e\u03017", "Zoe\u0308"),
    ("É7", "ZOË"),
    ("é7 ", "Zoë "),
    (" é7", " Zoë"),
    ("'é7'", "Zoë O'Hara"),
    ('"é7"', 'Zoë "Zo" O\'Hara'),
    ("\\é7", "Zoë\\"),
]
"""(order_id, customer)"""

NAMES_OF_EVENTS = [
    (SHOP, "11"),
    (PHONE, "11"),
    ("/rome/phone", "11"),
    (f"{PHONE}1", "1"),
    (f"{PHONE}/1", "1"),
    (PHONE, "1/1"),
    (f"{PHONE}-1", "1"),
    (PHONE, "1-1"),
    # The same but for the case of letters; and a pair of which CRC-32 makes the same number.
    (PHONE, "BUCKEROO"),
    (PHONE, "buckeroo"),
    (PHONE, "plumless"),
    # Other letters, of which some alphabets know one; the last two are written with an accent apart.
    (PHONE, "caffè"),
    (PHONE, "caffé"),
    (PHONE, "caffe\u0300"),
    (PHONE, "caffe\u0301"),
    (PHONE, "caf"),
    (PHONE, "a b"),
    (PHONE, "a%20b"),
    (f"{PHONE}/", "11"),
    ("/shop/Phone", "11"),
    # With the id in front: these two, then two with - in between, then two with /.
    ("/phone", "11/shop"),
    ("/shop-/phone", "11"),
    ("/phone", "11-/shop"),
    ("/shop//phone", "11"),
    ("/phone", "11//shop"),
    (PHONE, "11 "),
    (PHONE, " 11"),
    (PHONE, f"{'7' * 900}1"),
    (PHONE, f"{'7' * 900}2"),
    # As long as they may be; JSON may write each of these emojis in twelve letters.
    (f"/{'x' * 999}", "7" * 1000),
    (PHONE, "\N{SLICE OF PIZZA}" * 250),
]
"""Sources and ids of as many events, of which the wrong keys make fewer."""


def confirmed(world: World, order: Order, **changes: Any) -> Event:
    """The event that an order was confirmed."""
    return {
        "specversion": "1.0",
        "id": str(uuid.UUID(int=world.random.getrandbits(128), version=4)),
        "source": SHOP,
        "type": "order.confirmed.v1",
        "time": "2026-03-06T19:40:00Z",
        "datacontenttype": "application/json",
        "data": order,
        **changes,
    }


def bad_records(world: World) -> list[str]:
    """Bodies that loyalty cannot read, one for each way."""
    (order,) = some_orders(world, 1)
    envelopes: list[dict[str, Any]] = [
        {"type": "order.confirmed.v2"},
        {"type": "order.confirmed.v10"},
        {"type": "order.confirmed.v1b"},
        {"type": "order.confirmed.v1.1"},
        {"type": "order.confirmed.v2.beta"},
        # Half of an emoji: nothing that can be printed.
        {"type": "order.confirmed.\ud83c"},
        {"type": "order.confirmed.v2", "id": "\ud83c", "source": "\ud83c"},
        {"type": None},
        {"specversion": "0.3"},
        {"specversion": "1.1"},
        {"specversion": "1.0.2"},
        {"specversion": 1.0},
        {"id": ""},
        {"id": 17},
        {"source": None},
        {"source": ""},
        {"data": None},
        {"data": [order]},
        {"data": json.dumps(order)},
    ]
    contents: list[dict[str, Any]] = [
        {"order_id": int(order["order_id"])},
        {"order_id": ""},
        {"customer": None},
        {"customer": ""},
        {"customer": 17},
        {"pizzas": str(order["pizzas"])},
        {"pizzas": 0},
        {"pizzas": -1},
        {"pizzas": 1.5},
        {"pizzas": 2.0},
        {"pizzas": True},
        {"pizzas": None},
    ]
    contents = [{**order, **change} for change in contents]
    contents += [without(order, name) for name in ("order_id", "customer", "pizzas")]
    events = [confirmed(world, order, **change) for change in envelopes]
    events += [confirmed(world, data) for data in contents]
    event = confirmed(world, order)
    events += [without(event, name) for name in ("type", "specversion", "id", "source", "data")]
    bodies = [json.dumps(event) for event in events]
    bodies += [bodies[0][:-9], f"{bodies[0]} {bodies[0]}"]
    # The last is too deep for json.loads, which raises a RecursionError.
    return [*bodies, "one point, please", '"event"', "null", "17", "[]", "[" * 100_000]


def count(number: int, noun: str = "point") -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def without(record: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != name}
