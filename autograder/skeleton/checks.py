"""The guest book: what must hold, criterion by criterion (see labs/LAB/lab.yaml)."""

from __future__ import annotations

import json
from typing import Any

from autograder.checks import Checks
from autograder.explore import crashes, refusals
from autograder.world import Violated, World

check = Checks()

GUESTS = ["Ada", "Grace", "Barbara", "Leslie", "Zoë", "Edsger", "Frances", "Tony"]
Visit = dict[str, str]


class GuestBook:
    """The lab's queue and table, made as the lab describes them."""

    def __init__(self, world: World):
        self.world = world
        self.table = world.variables["GUEST_BOOK_TABLE"]
        self.queue = world.look("sqs").create_queue(
            QueueName="visits",
            Attributes={"VisibilityTimeout": str(world.bench.visibility_timeout_s)},
        )["QueueUrl"]
        world.look("dynamodb").create_table(
            TableName=self.table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "visit_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "visit_id", "AttributeType": "S"}],
        )

    def receive(self, *bodies: Visit | str) -> None:
        for body in bodies:
            self.world.send(self.queue, body if isinstance(body, str) else json.dumps(body))

    def must_hold(self, visits: list[Visit]) -> None:
        """Exactly these visits are in the table."""
        found = self.world.look("dynamodb").scan(TableName=self.table)["Items"]
        items = {item["visit_id"]["S"]: item for item in found}
        for visit in visits:
            item = items.pop(visit["visit_id"], None)
            if item is None:
                raise Violated(f"Visit {visit['visit_id']} is not in the guest book.")
            guest = item.get("guest", {}).get("S")
            if guest != visit["guest"]:
                raise Violated(
                    f"Visit {visit['visit_id']}: its entry has guest {guest!r} where it must be "
                    f"{visit['guest']!r}."
                )
        if items:
            raise Violated(f"There is an entry for {next(iter(items))!r}, which nobody sent.")

    def must_have_failed(self, count: int) -> None:
        left = self.world.left_in(self.queue)
        if left != count:
            raise Violated(f"{left} records are to be delivered again; it must be {count}.")


def visits(world: World, count: int) -> list[Visit]:
    """Visits that differ from submission to submission."""
    numbers = world.random.sample(range(1000, 10000), count)
    return [{"visit_id": str(number), "guest": world.random.choice(GUESTS)} for number in numbers]


def bad(world: World) -> list[str]:
    """Bodies that are no visit, one for each way of being none."""
    (good,) = visits(world, 1)
    wrong: list[dict[str, Any]] = [
        {"guest": ""},
        {"guest": None},
        {"visit_id": ""},
        {"visit_id": 7},
    ]
    return [
        *(json.dumps({**good, **change}) for change in wrong),
        json.dumps({"visit_id": good["visit_id"]}),
        json.dumps(good)[:-5],
        "null",
        "[]",
    ]


@check("store")
def store_a_batch(world: World) -> None:
    """Batches of one and of four."""
    book, sent = GuestBook(world), visits(world, 5)
    for part in (sent[:1], sent[1:]):
        book.receive(*part)
        world.deliver(book.queue)
        book.must_have_failed(0)
    book.must_hold(sent)


@check("bad")
def bad_records(world: World) -> None:
    """Each kind of bad record between two good ones."""
    book, wrong = GuestBook(world), bad(world)
    good = visits(world, 2 * len(wrong))
    for number, body in enumerate(wrong):
        pair = good[2 * number : 2 * number + 2]
        book.receive(pair[0], body, pair[1])
        world.deliver(book.queue)
        book.must_have_failed(number + 1)
        book.must_hold(good[: 2 * number + 2])


@check("again")
def delivered_again(world: World) -> None:
    """Somebody has corrected the name in the meantime."""
    book, (visit,) = GuestBook(world), visits(world, 1)
    book.receive(visit)
    world.deliver(book.queue)
    corrected = {**visit, "guest": "Margaret"}
    world.look("dynamodb").put_item(
        TableName=book.table, Item={name: {"S": text} for name, text in corrected.items()}
    )
    world.pass_time(60 * 60)
    book.receive(visit)
    world.deliver(book.queue)
    book.must_have_failed(0)
    book.must_hold([corrected])


@check("crash", crashes, refusals)
def survives(world: World) -> None:
    """Two visits, delivered until both are done."""
    book, sent = GuestBook(world), visits(world, 2)
    book.receive(*sent)
    world.deliver_until_quiet(book.queue)
    book.must_hold(sent)
