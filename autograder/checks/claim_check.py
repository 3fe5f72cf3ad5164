"""The cloakroom: what must hold, criterion by criterion (see labs/claim_check/lab.yaml)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from autograder.checks import Checks
from autograder.checks.broken_claims import (
    broken,
    changed_with_its_metadata,
    claims_with_another_order_id,
    must_have_reported,
    two_claims_for_one_order,
)
from autograder.checks.cloakroom import (
    COATS,
    SQS_LIMIT,
    TWO_CUSTOMERS,
    Cloakroom,
    Message,
    claim_of,
    must_be_the_same,
    must_not_tell,
    must_not_tell_who_is_who,
    oddly_written,
    orders,
    padded,
    what_is_told,
    with_more_fields,
    written,
)
from autograder.checks.lifecycle import (
    must_expire,
    must_not_keep_versions,
    put_rules_of_others,
    rules_of,
)
from autograder.checks.stage import call_until_it_returns
from autograder.explore import (
    Calls,
    Disturbance,
    cancellations,
    crashes,
    interleavings_of_twins,
    refusals,
    refused_entries,
)
from autograder.schedule import Schedule
from autograder.world import Violated, World
from localcloud import cut, refuse

check = Checks()

HOUR_S = 60 * 60
DAY_S = 24 * HOUR_S


def _from_the_second_on(calls: Calls) -> Iterator[Schedule]:
    numbers: dict[str, list[int]] = {}
    for number, call in enumerate(calls, 1):
        if call.outcome == "ok":
            numbers.setdefault(call.operation, []).append(number)
    for operation, (_, *later) in numbers.items():
        if later:
            meets = range(later[0], later[0] + 200)  # more than anybody tries in three deliveries
            yield Schedule(tuple(refuse("throttled", at=n, operation=operation) for n in meets))
            yield Schedule(tuple(cut(at=n, operation=operation) for n in meets))


from_the_second_on = Disturbance(_from_the_second_on)
"""Of an operation that is called more than once the first call works, and no later one, in no delivery:
AWS refuses it, or is out of reach."""


@check("cloakroom", crashes, refusals)
def create_cloakroom(world: World) -> None:
    """In a bucket that is there already, with an object and rules of all kinds in it."""
    bucket = f"restaurant-{world.account.id}"
    world.look("s3").create_bucket(Bucket=bucket)
    world.look("s3").put_object(Bucket=bucket, Key="menu/card.txt", Body=b"margherita")
    theirs = put_rules_of_others(world, bucket)
    call_until_it_returns(world, "create_cloakroom", bucket)
    must_expire(world, bucket, {"drafts/menu.txt": 90})
    now = rules_of(world, bucket)
    for rule in theirs:
        if rule not in now:
            raise Violated(f"A rule that was in the bucket is not there as it was: {rule}.")
    must_not_keep_versions(world, bucket, made=False)
    try:
        world.look("s3").head_object(Bucket=bucket, Key="menu/card.txt")
    except ClientError:
        raise Violated("An object that was in the bucket is gone: menu/card.txt.") from None


@check("cloakroom")
def create_the_bucket(world: World) -> None:
    """Where there is none yet, and then once more."""
    bucket = f"restaurant-{world.random.randint(10, 99)}-{world.account.id}"
    call_until_it_returns(world, "create_cloakroom", bucket)
    must_expire(world, bucket, {"drafts/menu.txt": None})
    rules = rules_of(world, bucket)
    call_until_it_returns(world, "create_cloakroom", bucket)
    must_expire(world, bucket, {"drafts/menu.txt": None})
    if len(rules_of(world, bucket)) > len(rules):
        raise Violated("Called again, create_cloakroom has added another lifecycle rule.")
    must_not_keep_versions(world, bucket, made=True)


def trace(world: World) -> str:
    """A trace id, of any length: its bytes count, too."""
    return f"trace-{world.random.getrandbits(4 * world.random.randint(4, 30)):x}-ü"


@check("travel")
def small_and_large(world: World) -> None:
    """A small document travels itself; a large one, and one with a customer, is claimed.

    The small ones are not written as Python would write them, have fields that nobody here knows, and
    stay as they are. Not every order id is a number.
    """
    cloakroom = Cloakroom(world)
    counter, crowd = orders(world, 2, customer=False)
    home = orders(world, 1, customer=True)[0]
    counter["order_id"], home["order_id"] = "0042", "A-17"
    counter, home = with_more_fields(counter), with_more_fields(home)
    large = padded(crowd, SQS_LIMIT + 200_000, "", filler="più olive ")
    for document, kind in (
        (oddly_written(counter), "document"),
        (large, "claim"),
        (oddly_written(home), "claim"),
        (written(home).replace('"customer"', '"\\u0063ustomer"'), "claim"),
    ):
        cloakroom.send_one(document, trace(world), kind)


@check("travel")
def an_order_is_changed(world: World) -> None:
    """Two versions of one order, and both again: each claim is good for its own version.

    Between them are ten days, and a cold start once; the last is sent again two days later. Each claim
    may wait for two weeks from then on.
    """
    cloakroom = Cloakroom(world)
    first = orders(world, 1, customer=True)[0]
    second = {**first, "lines": [*first["lines"], {"pizza": "calzone", "quantity": 1}]}
    versions = [written(order) for order in (first, second, first, second, second)]
    trace_id, messages, today = trace(world), [], None
    for number, document in enumerate(versions):
        if world.bench.cloud.engine == "embedded":
            today = world.pass_time((2 if number == 4 else 10) * DAY_S)
        if number == 3:
            world.cold_start()
        if number == 4:
            world.note("what was sent last is sent again")
        messages.append(cloakroom.send_one(document, trace_id))
        if today and cloakroom.put_at(messages[-1]) < today - timedelta(days=1):
            raise Violated(
                "A document was sent again some days later, and the claim leads to an object that was "
                "put there before: it expires while the claim may still be in the queue."
            )
    if [cloakroom.must_fit(message) for message in messages] != versions:
        raise Violated(
            "An order was sent in two versions, and the claims do not give both of them."
        )


@check("travel")
def versions_one_right_after_another(world: World) -> None:
    """An order, the same for another address, and that written in another way: each its own document.

    Two more are sent in the same second by processes that have just begun.
    """
    cloakroom, trace_id = Cloakroom(world), trace(world)
    order = orders(world, 1, customer=True)[0]
    moved = {**order, "customer": {**order["customer"], "address": "Via Toledo 256"}}
    versions = [written(order), written(moved)]
    versions += [json.dumps(moved, indent=spaces) for spaces in (1, 2, 3)]
    messages = []
    for number, document in enumerate(versions):
        if number > 2:
            world.cold_start()
            world.note("a new process sends the next one")
        messages.append(cloakroom.send_one(document, trace_id))
    for document, message in zip(versions, messages, strict=True):
        if cloakroom.coat(claim_of(message)["key"]) != document.encode():
            raise Violated(
                "Versions of one order were sent one right after another, and a claim no longer "
                "leads to its own: another document was put where its object was."
            )


@check("limit")
def around_the_limit(world: World) -> None:
    """Just below, at and above a limit of 2,000 bytes or so, of one byte a character and of more."""
    limit = world.random.randint(1_500, 2_500)
    world.variables["MESSAGE_LIMIT_BYTES"] = str(limit)
    cloakroom = Cloakroom(world)
    trace_id = trace(world)
    attributes = len("kindStringdocumenttrace_idString") + len(trace_id.encode())
    fillers = {"x": (-1, 0, 1, attributes), "è": (0, 1), "🍕": (1,)}
    for filler, sizes in fillers.items():
        for over in sizes:
            order = orders(world, 1, customer=False)[0]
            document = padded(order, limit + over, trace_id, filler)
            cloakroom.send_one(document, trace_id, "claim" if over > 0 else "document")


@check("limit")
def at_the_limit_of_sqs(world: World) -> None:
    """At 1,048,576 bytes and one above it."""
    cloakroom, trace_id = Cloakroom(world), trace(world)
    for over, kind in ((0, "document"), (1, "claim")):
        document = padded(orders(world, 1, customer=False)[0], SQS_LIMIT + over, trace_id)
        cloakroom.send_one(document, trace_id, kind)


@check("private")
def nothing_about_the_customer(world: World) -> None:
    """Four customers, whose documents are small: no message tells of any of them."""
    cloakroom = Cloakroom(world)
    for order in orders(world, 4, customer=True):
        must_not_tell(cloakroom.send_one(written(order), trace(world)), order)


@check("private")
def who_orders_what(world: World) -> None:
    """Two customers order the same eight times: no message tells which orders are of the same one."""
    cloakroom = Cloakroom(world)
    sent: list[tuple[dict[str, Any], list[Message]]] = [(who, []) for who in TWO_CUSTOMERS]
    first, *seven = orders(world, 8, customer=False)
    numbers = iter(orders(world, 16, customer=True))
    for order in (first, *seven):
        if order is seven[-1]:
            world.tell_from_here()
            world.note("two customers have ordered the same seven times, and do it once more")
        # Not in turn: of numbers that count up, one customer would have the odd ones.
        for customer, messages in world.random.sample(sent, 2):
            theirs = {**order, "order_id": next(numbers)["order_id"], "customer": customer}
            messages.append(cloakroom.send_one(written(theirs), trace(world)))
            must_not_tell(messages[-1], theirs)
    told = [[what_is_told(message) for message in messages] for _, messages in sent]
    for name in told[0][0]:
        must_not_tell_who_is_who(name, *([texts[name] for texts in each] for each in told))


@check("redeem")
def a_batch_of_both_kinds(world: World) -> None:
    """Documents and claims, in batches of one and of ten; one coat is larger than any message.

    Some have fields that nobody here knows, and that are not for the table; some are not written as
    Python would write them; and not every order id is a number.
    """
    cloakroom = Cloakroom(world)
    counter, (crowd, *home) = orders(world, 5, customer=False), orders(world, 6, customer=True)
    # Nothing that could be packed into an item of a table.
    large = written({**crowd, "note": "più " + world.random.randbytes(2 * SQS_LIMIT).hex()})
    cloakroom.post(("claim", cloakroom.check_in(large)))
    world.deliver(cloakroom.queue)
    counter[0], home[0] = with_more_fields(counter[0]), with_more_fields(home[0])
    counter[1]["order_id"], home[1]["order_id"] = "0042", "A-17"
    for at_table, at_home in zip(counter, home, strict=True):
        write = oddly_written if at_table is counter[2] else written
        cloakroom.post(("claim", cloakroom.check_in(write(at_home))), ("document", write(at_table)))
    world.deliver(cloakroom.queue)
    if world.left_in(cloakroom.queue):
        raise Violated("Good records came back: they were not done after their first delivery.")
    cloakroom.must_have_packed([*counter, *home, crowd])


@check("broken")
def broken_records(world: World) -> None:
    """Five of them between five good ones: they alone are reported, and nothing is stored for them.

    Three come one right after another; of the good ones some are claims, before and after those.
    """
    cloakroom = Cloakroom(world)
    records = [
        (what, kind, body if isinstance(body, str) else json.dumps(body))
        for what, kind, body in broken(world, cloakroom)
    ]
    count = len(records)
    pairs = zip(
        orders(world, count, customer=True), orders(world, count, customer=False), strict=True
    )
    good = [order for pair in pairs for order in pair][:count]
    for start in range(0, count, 5):
        world.tell_from_here()
        wrong = records[start : start + 5]
        right = [cloakroom.good_record(order) for order in good[start : start + 5]]
        bad = [(kind, body) for _, kind, body in wrong]
        cloakroom.post(*right[:1], *bad[:3], *right[1:3], *bad[3:], *right[3:])
        received = world.receive(cloakroom.queue)
        failed = world.invoke_with(received)
        reported = {message["Body"] for message in received if message["MessageId"] in failed}
        must_have_reported(wrong, reported)
        world.delete(cloakroom.queue, received)
    cloakroom.must_have_packed(good)


for situation in (
    two_claims_for_one_order,
    claims_with_another_order_id,
    changed_with_its_metadata,
):
    check("broken")(situation)


@check("broken")
def in_the_dead_letter_queue(world: World) -> None:
    """A claim for a coat that is gone is received three times, and then a dead letter."""
    cloakroom = Cloakroom(world)
    order = orders(world, 1, customer=True)[0]
    claim = cloakroom.check_in(written(order))
    world.look("s3").delete_object(Bucket=cloakroom.bucket, Key=claim["key"])
    world.note("the object of the claim expires")
    cloakroom.post(("claim", claim))
    world.deliver_until_quiet(cloakroom.queue)
    cloakroom.must_have_packed([])
    cloakroom.must_have_dead_letters(1)


@check("duplicates")
def delivered_again(world: World) -> None:
    """In the same batch, at once, changed, by a cold process, and an hour later when it has moved on.

    Before and after orders that are new, too: those are packed.
    """
    cloakroom = Cloakroom(world)
    (counter, *new), (home, other) = (
        orders(world, 2, customer=False),
        orders(world, 2, customer=True),
    )
    new.append(other)
    moved = {**home["customer"], "address": "Via Toledo 256"}
    changed = {**home, "customer": moved, "lines": [*home["lines"], *counter["lines"]]}
    # Two coats for one order: its sender was killed, say.
    batch = [cloakroom.good_record(order) for order in (counter, home, home)]

    def deliver() -> None:
        before = cloakroom.items()
        cloakroom.post(*batch)
        world.deliver(cloakroom.queue)
        for order_id, item in cloakroom.items().items():
            must_be_the_same(before.get(order_id, item), item)
        if world.left_in(cloakroom.queue) or world.left_in(cloakroom.dlq):
            raise Violated(
                "In a batch with orders that were packed before a record was reported as failed; all "
                "of them are done."
            )

    deliver()
    cloakroom.must_have_packed([counter, home])
    batch[1:1] = [cloakroom.good_record(order) for order in new]
    batch.append(cloakroom.good_record(changed))
    deliver()
    cloakroom.must_have_packed([counter, home, *new])
    for order in (counter, home):
        cloakroom.set_status(order, "DELIVERED")
        cloakroom.note_courier(order, "Luisa")
    for order, field in zip((counter, *new), ("deliver_to", "pizzas", "status"), strict=True):
        cloakroom.strike(order, field)
    world.note("the delivery service sets the status of two of these orders to DELIVERED")
    world.note(
        "it takes out where one is to be brought, another’s pizzas, and the status of a third"
    )
    deliver()
    if world.bench.cloud.engine == "embedded":
        world.pass_time(HOUR_S)
    world.cold_start()
    deliver()


@check("duplicates", interleavings_of_twins)
def two_versions_at_once(world: World) -> None:
    """Two workers get an order and a changed one at the same time: what the first stores, stays."""
    cloakroom = Cloakroom(world)
    order = orders(world, 1, customer=False)[0]
    changed = {**order, "lines": [*order["lines"], {"pizza": "calzone", "quantity": 1}]}
    cloakroom.post(("document", written(order)), ("document", written(changed)))
    world.deliver_at_once(cloakroom.queue)
    cloakroom.must_never_have_changed()
    if world.left_in(cloakroom.queue):
        raise Violated("An order that was packed before was reported as failed; it counts as done.")


@check("refused", refusals, refused_entries, cancellations)
@check("crash", crashes)
def from_the_order_to_the_table(world: World) -> None:
    """An order is sent, by trying again if need be, and packed; no claim is ever without its object."""
    cloakroom = Cloakroom(world, receives=6)
    order = orders(world, 1, customer=True)[0]
    if not cloakroom.send(written(order), trace(world), attempts=3):
        raise Violated("send has returned, and there is no message in the queue.")
    world.deliver_until_quiet(cloakroom.queue)
    cloakroom.must_have_packed([order])
    cloakroom.must_have_dead_letters(0)


@check("refused", from_the_second_on)
def for_good(world: World) -> None:
    """Of a batch the first works and no more, in each delivery: no other record suffers.

    What could not be packed is a dead letter in the end. And send raises when the queue is gone.
    """
    cloakroom = Cloakroom(world)
    counter, home = orders(world, 1, customer=False)[0], orders(world, 2, customer=True)
    batch = [*home, counter]
    cloakroom.post(
        *(("claim", cloakroom.check_in(written(order))) for order in home),
        ("document", written(counter)),
    )
    world.deliver(cloakroom.queue)
    again, items = world.left_in(cloakroom.queue), cloakroom.items()
    refused = {call.service for call in world.learner_calls() if call.outcome != "ok"}
    if again + len(items) < len(batch):
        raise Violated(
            f"Of {len(batch)} records {len(items)} were packed and {again} reported; the rest is lost."
        )
    if items and again == len(batch):
        whole = "A batch was reported whole"
        if world.outcome and world.outcome.kind == "raised":
            whole = "The handler raised, so Lambda counts the whole batch as failed"
        raise Violated(f"{whole}, although one of its orders was packed.")
    if counter["order_id"] not in items and "dynamodb" not in refused:
        raise Violated("S3 did not give a coat, and a document, which needs none, is not packed.")
    world.deliver_until_quiet(cloakroom.queue)
    items = cloakroom.items()
    if world.left_in(cloakroom.dlq) + len(items) < len(batch):
        raise Violated("An order is lost: it is neither in the table nor in the dead-letter queue.")
    world.look("sqs").delete_queue(QueueUrl=cloakroom.queue)
    world.note("the queue is deleted")
    for order in (counter, home[0]):
        if world.invoke("send", written(order), trace(world)).kind == "returned":
            raise Violated("send has returned, and there is no message in the queue.")


def allow(*statements: tuple[str | list[str], str]) -> dict[str, Any]:
    """An IAM policy that allows actions on resources."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": actions, "Resource": resource}
            for actions, resource in statements
        ],
    }


@check("permissions")
def who_may_only_put_coats_in(world: World) -> None:
    """The order service may put objects below coats/ and send messages, and nothing else."""
    cloakroom = Cloakroom(world)
    world.restrict(
        allow(
            ("s3:PutObject", f"arn:aws:s3:::{cloakroom.bucket}/{COATS}*"),
            ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{world.account.id}:packing"),
        )
    )
    counter, home = orders(world, 1, customer=False)[0], orders(world, 1, customer=True)[0]
    for order, kind in ((counter, "document"), (home, "claim")):
        cloakroom.send_one(written(order), trace(world), kind)


@check("permissions")
def who_may_only_read_coats(world: World) -> None:
    """The packing station may read below coats/ and use its table; a missing coat is Access Denied."""
    cloakroom = Cloakroom(world)
    world.restrict(
        allow(
            ("s3:GetObject", f"arn:aws:s3:::{cloakroom.bucket}/{COATS}*"),
            (
                ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                f"arn:aws:dynamodb:us-east-1:{world.account.id}:table/{cloakroom.table}",
            ),
        )
    )
    counter, home = orders(world, 1, customer=False)[0], orders(world, 1, customer=True)[0]
    claim = cloakroom.check_in(written(home))
    missing = {**claim, "key": f"{COATS}nowhere"}
    cloakroom.post(("claim", missing), ("document", written(counter)), ("claim", claim))
    world.deliver(cloakroom.queue)
    cloakroom.must_have_packed([counter, home])
    if world.left_in(cloakroom.queue) != 1:
        raise Violated(
            "Of a batch with one claim whose object is missing, "
            f"{world.left_in(cloakroom.queue)} records are to be delivered again; it must be that one."
        )
