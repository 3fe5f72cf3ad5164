"""The restaurant of the lab `saga`: its queue, tables and participants, and how sagas must have ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

from autograder.checks import stage
from autograder.checks.stage import CHANGES, Item, Order, changes_of, items_of, make_table
from autograder.labs import COURSE
from autograder.world import Violated, World
from localcloud import Account, Call, Failure

PARTICIPANTS = COURSE / "labs" / "saga" / "participants.py"
THEIRS = "participants"  # one table for all three participants: every history makes it anew
STOCK = 500
STEPS = ("reserve", "charge", "accept")
UNDOS = ("cancel", "refund", "release")  # last first
ENDS = ("CONFIRMED", "FAILED")

# What the participants enter in their tables: kind, status once done, and what they were asked for.
ENTRIES = (
    ("reservation", "RESERVED", ("pizza", "quantity")),
    ("charge", "CHARGED", ("customer", "amount")),
    ("ticket", "ACCEPTED", ("pizza", "quantity")),
)


class Restaurant:
    """The queue of orders, the saga's table, and the three services that take part in it."""

    def __init__(self, world: World, *failures: Failure):
        self.world = world
        self.queue = world.look("sqs").create_queue(
            QueueName="orders",
            Attributes={"VisibilityTimeout": str(world.bench.visibility_timeout_s)},
        )["QueueUrl"]
        self.sagas = world.variables["SAGAS_TABLE"]
        make_table(world, THEIRS, "entry")
        described = make_table(world, self.sagas, "order_id", StreamSpecification=CHANGES)
        self._stream = described["LatestStreamArn"]
        self.card_limit = world.random.randint(8_000, 12_000)
        self.oven_size = world.random.randint(7, 12)
        self.stock: dict[str, int] = {}
        self._received: set[str] = set()
        self.play(*failures)
        if world.cloud.enforces_iam:
            world.restrict(policy(world))

    def play(self, *failures: Failure) -> None:
        """Put the participants there, with what goes wrong in them."""
        environment = {
            "INVENTORY_TABLE": THEIRS,
            "PAYMENTS_TABLE": THEIRS,
            "KITCHEN_TABLE": THEIRS,
            "CARD_LIMIT": str(self.card_limit),
            "OVEN_SIZE": str(self.oven_size),
        }
        for name in ("inventory", "payments", "kitchen"):
            self.world.account.function(name, PARTICIPANTS, name, environment, failures)

    def fill(self, pizza: str, left: int = STOCK) -> None:
        """Set how many of a pizza are left."""
        self.stock[pizza] = left
        self.world.look("dynamodb").put_item(
            TableName=THEIRS,
            Item={"entry": {"S": f"stock/{pizza}"}, "left": {"N": str(left)}},
        )

    def receive(self, *orders: Order) -> None:
        """Put orders into the queue, and pizzas on the shelf where there never were any."""
        for order in orders:
            if order["pizza"] not in self.stock:
                self.fill(order["pizza"])
            again = order["order_id"] in self._received
            self._received.add(order["order_id"])
            self.world.send(self.queue, otherwise_written(order) if again else json.dumps(order))

    def items(self, table: str) -> list[Item]:
        """The items of one of its tables."""
        return items_of(self.world, table)

    def saga(self, order: Order) -> Item:
        """The item of an order's saga; {} where there is none."""
        found = (i for i in self.items(self.sagas) if i.get("order_id") == order["order_id"])
        return next(found, {})

    def must_have_ended(self, *orders: Order, reason: str | None = None) -> None:
        """Each of these and no other order is CONFIRMED, or FAILED for a reason."""
        entries, sold = self.items(THEIRS), dict.fromkeys(self.stock, 0)
        for order in orders:
            mine = [e for e in entries if e.get("order_id") == order["order_id"]]
            saga = self.saga(order)
            if reason is None:
                must_be_confirmed(order, saga, mine)
                sold[order["pizza"]] += order["quantity"]
            else:
                must_have_failed(order, saga, mine, reason)
        self.must_have_left(entries, sold)

    def must_have_left(self, entries: Sequence[Item], sold: dict[str, int]) -> None:
        """Every pizza is on the shelf but those of confirmed orders."""
        for pizza, stock in self.stock.items():
            left = next(e["left"] for e in entries if e["entry"] == f"stock/{pizza}")
            if left != stock - sold[pizza]:
                raise Violated(
                    f"Of {stock} {pizza} there are {left} left; it must be {stock - sold[pizza]}."
                )

    def deliver_and_look(self, look: Callable[[], None], times: int = 16) -> None:
        """Deliver until the queue is empty, and look after each of the first deliveries."""
        for _ in range(times):
            if not self.world.left_in(self.queue):
                return
            if self.world.deliver(self.queue):
                look()
            else:
                self.world.pass_time(self.world.bench.visibility_timeout_s + 1)
        self.world.deliver_until_quiet(self.queue)

    def failed_must_be_undone(self, *orders: Order, reason: str) -> None:
        """Of these orders, nothing is left of those that are FAILED by now."""
        entries = self.items(THEIRS)
        for order in orders:
            saga = self.saga(order)
            if saga.get("status") == "FAILED":
                mine = [e for e in entries if e.get("order_id") == order["order_id"]]
                must_have_failed(order, saga, mine, reason)

    def must_have_ended_somehow(self, order: Order, *reasons: str) -> None:
        """This order is either CONFIRMED, or FAILED for one of these reasons, and never was another."""
        saga = self.saga(order)
        self.must_have_ended_once(order)
        if saga.get("status") not in ENDS:
            name = f"Order {order['order_id']}"
            raise Violated(f"{name} must end with status CONFIRMED or FAILED; {told(saga)}")
        reason = saga.get("reason") if saga.get("reason") in reasons else reasons[0]
        self.must_have_ended(order, reason=reason if saga["status"] == "FAILED" else None)

    def must_have_ended_once(self, order: Order) -> None:
        """Whatever its item says of its end, and why, it never said anything else from then on."""
        for (before, why), (after, why_then) in self.ends(order):
            if before not in ENDS:
                continue
            name = f"Order {order['order_id']} had ended as {before}"
            if after != before:
                raise Violated(f"{name} when its status became {after!r}. An end is decided once.")
            if why_then != why:
                raise Violated(
                    f"{name} when its reason changed from {why!r} to {why_then!r}. An end is decided once."
                )

    def ends(self, order: Order) -> list[tuple[tuple[Any, Any], tuple[Any, Any]]]:
        """What each change of an order's item, in turn, made of its status and reason."""
        changes = changes_of(self.world, self._stream)
        mine = [(b, a) for b, a in changes if (b or a)["order_id"] == order["order_id"]]
        return [
            ((b.get("status"), b.get("reason")), (a.get("status"), a.get("reason")))
            for b, a in mine
        ]

    def must_be_undone_last_first(self) -> None:
        """Of two steps that had been done when the undoing began, by whomever, the later is undone first."""
        pairs = zip(STEPS, reversed(UNDOS), strict=True)
        for (_, undo), (later, undo_later) in combinations(pairs, 2):
            done = [call.number for call in self.asked(later) if call.outcome == "ok"]
            first, second = self.asked(undo), self.asked(undo_later)
            if done and first and second and done[0] < first[0].number < second[0].number:
                raise Violated(
                    f"“{later}” had been done for this order, and then the saga asked for “{undo}” "
                    f"before “{undo_later}”; last first, it must be after."
                )

    def asked(self, *actions: str) -> list[Call]:
        """The learner's calls that asked a participant for one of these actions."""
        self.world.read_calls()
        return [call for call in self.world.learner_calls() if asked_for(call) in actions]


def otherwise_written(order: Order) -> str:
    """The same order as another program writes it: the members of a JSON object have no order."""
    return json.dumps(dict(reversed(order.items())), indent=1, ensure_ascii=False)


def asked_for(call: Call) -> str:
    """The action that a call asked a participant for; "" if it did not."""
    return call.summary.split(" ")[0] if call.operation == "Invoke" else ""


def must_be_confirmed(order: Order, saga: Item, entries: Sequence[Item]) -> None:
    name = f"Order {order['order_id']}"
    if saga.get("status") != "CONFIRMED":
        raise Violated(f"{name} must end with status CONFIRMED; {told(saga)}")
    for kind, done, fields in ENTRIES:
        made = [e for e in entries if e["entry"].startswith(f"{kind}/") and fields[0] in e]
        if len(made) != 1:
            raise Violated(f"{name} is CONFIRMED with {count(made, kind)}; it must be one.")
        if made[0]["status"] != done:
            raise Violated(f"{name} is CONFIRMED, but its {kind} is {made[0]['status']}.")
        for field in fields:
            if made[0][field] != order[field]:
                raise Violated(
                    f"{name}: the {kind} has {field} {made[0][field]}; it must be {order[field]}."
                )


def must_have_failed(order: Order, saga: Item, entries: Sequence[Item], reason: str) -> None:
    name = f"Order {order['order_id']}"
    left: list[str] = []
    for kind, done, fields in ENTRIES:
        mine = [e for e in entries if e["entry"].startswith(f"{kind}/")]
        undone = [e for e in mine if e["status"] == done]
        left += [count(undone, kind)] if undone else []
        made = [e for e in mine if fields[0] in e]
        if kind == "charge" and len(made) > 1:
            raise Violated(f"{name}: the card was charged {len(made)} times; once is the most.")
    if left:
        status = saga.get("status", "without an item")
        raise Violated(f"{name} is {status}, and there is still {' and '.join(left)}.")
    if saga.get("status") != "FAILED":
        raise Violated(f"{name} must end with status FAILED; {told(saga)}")
    if saga.get("reason") != reason:
        raise Violated(
            f"{name} FAILED because of {reason}; the reason in its item is {saga.get('reason')!r}."
        )


def told(saga: Item) -> str:
    return f"it has {saga.get('status')!r}." if saga else "there is no such item."


def count(entries: Sequence[Item], kind: str) -> str:
    return f"{len(entries) or 'no'} {kind}" + ("s" if len(entries) != 1 else "")


def policy(world: World) -> dict[str, Any]:
    """What the saga may do: its own table, and invoking the three that take part."""
    here = f"us-east-1:{world.account.id}"
    own = f"arn:aws:dynamodb:{here}:table/{world.variables['SAGAS_TABLE']}"
    theirs = [f"arn:aws:lambda:{here}:function:{n}" for n in ("inventory", "payments", "kitchen")]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "dynamodb:*", "Resource": own},
            {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": theirs},
        ],
    }


def orders(world: World, number: int) -> list[Order]:
    """Orders that differ from submission to submission; nobody has a reason to refuse them."""
    return [
        {**order, "amount": world.random.randint(900, 7_000)}
        for order in stage.orders(world, number)
    ]


def too_many(world: World, restaurant: Restaurant, number: int = 1) -> list[Order]:
    """Orders that the kitchen refuses."""
    quantity = restaurant.oven_size + 1
    return [{**order, "quantity": quantity} for order in orders(world, number)]


def prepare_notebook(account: Account) -> None:
    """Play the participants, as the notebook would deploy them."""
    environment = {"CARD_LIMIT": "10000", "OVEN_SIZE": "8"}
    names = ("inventory", "payments", "kitchen")
    environment |= {f"{name.upper()}_TABLE": f"dinner-{name}" for name in names}
    for name in names:
        account.function(f"dinner-{name}", PARTICIPANTS, name, environment)
