"""The cloakroom: what must hold, criterion by criterion (see labs/claim_check/lab.yaml)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from autograder.checks import Checks
from autograder.checks.cloakroom import (
    COATS,
    SQS_LIMIT,
    Cloakroom,
    claim_of,
    must_be_the_same,
    must_not_tell,
    must_not_tell_who_is_who,
    oddly_written,
    orders,
    padded,
    written,
)
from autograder.checks.lifecycle import (
    must_expire,
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


def trace(world: World) -> str:
    """A trace id, of any length: its bytes count, too."""
    return f"trace-{world.random.getrandbits(4 * world.random.randint(4, 30)):x}-ü"


@check("travel")
def small_and_large(world: World) -> None:
    """A small document travels itself; a large one, and one with a customer, is claimed.

    The small ones are not written as Python would write them, and stay as they are.
    """
    cloakroom = Cloakroom(world)
    counter, crowd = orders(world, 2, customer=False)
    home = orders(world, 1, customer=True)[0]
    counter["shop"] = {"customer": "at table 7"}  # the shop's, not the order's
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

    Between them are ten days, and a cold start once. Each claim may wait for two weeks from then on.
    """
    cloakroom = Cloakroom(world)
    first = orders(world, 1, customer=True)[0]
    second = {**first, "lines": [*first["lines"], {"pizza": "calzone", "quantity": 1}]}
    versions = [written(first), written(second), written(first), written(second)]
    trace_id, messages, today = trace(world), [], None
    for number, document in enumerate(versions):
        if world.bench.cloud.engine == "embedded":
            today = world.pass_time(10 * DAY_S)
        if number == 3:
            world.cold_start()
        messages.append(cloakroom.send_one(document, trace_id))
        if today and cloakroom.put_at(messages[-1]) < today - timedelta(days=1):
            raise Violated(
                "A document was sent again ten days after another, and the claim leads to an object "
                "that was put there before: it expires while the claim may still be in the queue."
            )
    if [cloakroom.must_fit(message) for message in messages] != versions:
        raise Violated(
            "An order was sent in two versions, and the claims do not give both of them."
        )


@check("travel")
def versions_one_right_after_another(world: World) -> None:
    """An order, the same for another address, and that written in another way: three documents."""
    cloakroom, trace_id = Cloakroom(world), trace(world)
    order = orders(world, 1, customer=True)[0]
    moved = {**order, "customer": {**order["customer"], "address": "Via Toledo 256"}}
    versions = [written(order), written(moved), json.dumps(moved, indent=1)]
    messages = [cloakroom.send_one(document, trace_id) for document in versions]
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
    """Four customers, whose documents are small: no message tells of any of them.

    The first of them orders the same three times more, with another note: no key tells that either.
    """
    cloakroom = Cloakroom(world)
    others = orders(world, 7, customer=True)
    for number in (4, 5, 6):
        regular = {"customer": others[0]["customer"], "lines": others[0]["lines"]}
        others[number] |= {**regular, "note": "senza olive " * number}
    others[1]["lines"] = others[0]["lines"]
    keys = []
    for order in others:
        message = cloakroom.send_one(written(order), trace(world))
        must_not_tell(message, order)
        keys.append(claim_of(message)["key"])
    must_not_tell_who_is_who([keys[0], *keys[4:]], keys[1])


@check("redeem")
def a_batch_of_both_kinds(world: World) -> None:
    """Documents and claims, in batches of one and of ten; one coat is larger than any message.

    Some have fields that nobody here knows, and that are not for the table.
    """
    cloakroom = Cloakroom(world)
    counter, (crowd, *home) = orders(world, 5, customer=False), orders(world, 6, customer=True)
    for order in (counter[0], home[0]):
        order.update(total=19.5, status="NEW", shop={"name": "Mercato", "tables": [1, 2.5]})
    large = padded(crowd, 4 * SQS_LIMIT, "", filler="più olive ")
    cloakroom.post(("claim", cloakroom.check_in(large)))
    world.deliver(cloakroom.queue)
    cloakroom.post(
        *(("document", written(order)) for order in counter),
        *(("claim", cloakroom.check_in(written(order))) for order in home),
    )
    world.deliver(cloakroom.queue)
    if world.left_in(cloakroom.queue):
        raise Violated("Good records came back: they were not done after their first delivery.")
    cloakroom.must_have_packed([*counter, *home, crowd])


def broken(
    world: World, cloakroom: Cloakroom
) -> Iterator[tuple[str, str | None, str | dict[str, Any] | list[str]]]:
    """Records that cannot be worked off: (what is wrong, kind, body); no two have the same body."""
    order, other = orders(world, 2, customer=True)
    document = written({**order, "order_id": "broken"})
    good, elsewhere = cloakroom.check_in(document), cloakroom.check_in(document)
    s3 = world.look("s3")

    yield "whose object is missing", "claim", {**good, "key": f"{COATS}nowhere"}
    expired = cloakroom.check_in(document)
    s3.delete_object(Bucket=cloakroom.bucket, Key=expired["key"])
    yield "whose object has expired", "claim", expired
    changes: dict[str, str | bytes] = {
        "has another customer’s address": written({**other, "order_id": "broken"}),
        "has one digit more": document.replace('"quantity": ', '"quantity": 1'),
        "has two letters swapped": document.replace('"broken"', '"borken"'),
        "is cut off": document[:-1],
        "is empty": "",
        "has a byte more that is no text": document.encode() + b"\xff",
        "has a byte order mark": b"\xef\xbb\xbf" + document.encode(),
    }
    for change, text in changes.items():
        claim = cloakroom.check_in(document)
        coat = text if isinstance(text, bytes) else text.encode()
        s3.put_object(Bucket=cloakroom.bucket, Key=claim["key"], Body=coat)
        yield f"whose object {change}", "claim", claim
    yield "for what is no order document", "claim", cloakroom.check_in("a hat")
    yield "for what is no text", "claim", cloakroom.check_in(b"\xff\xfe\x00")
    for key in ("menu/card", "coats-private/17", f"payroll/{COATS}17"):
        s3.put_object(Bucket=cloakroom.bucket, Key=key, Body=document.encode())
        yield f"for the object {key}, which is outside {COATS},", "claim", {**good, "key": key}
    by_a_detour = f"payroll/../{good['key']}"
    yield "whose key does not begin with coats/", "claim", {**good, "key": by_a_detour}
    yield "whose key cannot be printed", "claim", {**good, "key": "payroll/\ud83c"}
    for field in ("key", "sha256"):
        yield f"without {field}", "claim", {k: v for k, v in good.items() if k != field}
    yield "whose sha256 is empty", "claim", {**good, "sha256": ""}
    yield "that is no JSON", "claim", elsewhere["key"]
    yield "that is a list", "claim", [good["key"], good["sha256"]]
    yield "that is cut off", "document", document[:-1]
    yield "without an order_id", "document", {"lines": order["lines"]}
    yield "without lines", "document", {"order_id": "broken"}
    yield "that is null", "document", "null"
    yield "without a kind", None, document
    yield "with an empty order_id", "document", written({**order, "order_id": ""})
    yield "of another kind", "coat", document + " "
    yield "of a kind in capitals", "DOCUMENT", document + "  "
    yield "of a kind with a capital", "Claim", json.dumps(good) + " "


@check("broken")
def broken_records(world: World) -> None:
    """Five of them between five good ones: they alone are reported, and nothing is stored for them."""
    cloakroom = Cloakroom(world)
    records = [
        (what, kind, body if isinstance(body, str) else json.dumps(body))
        for what, kind, body in broken(world, cloakroom)
    ]
    good = orders(world, len(records), customer=False)
    for start in range(0, len(records), 5):
        wrong = records[start : start + 5]
        for order, (_, kind, body) in zip(good[start:], wrong, strict=False):
            cloakroom.post(("document", written(order)), (kind, body))
        received = world.receive(cloakroom.queue)
        failed = world.invoke_with(received)
        reported = {message["Body"] for message in received if message["MessageId"] in failed}
        must_have_reported(wrong, reported)
        world.delete(cloakroom.queue, received)
    cloakroom.must_have_packed(good)


def must_have_reported(wrong: Sequence[tuple[str, str | None, str]], reported: set[str]) -> None:
    """Of a batch these records, and no others, were reported."""
    for what, kind, body in wrong:
        if body not in reported:
            noun = kind if kind in ("claim", "document") else "message"
            raise Violated(
                f"A {noun} {what} was not reported: it counts as done, and nobody hears of it."
            )
        reported.remove(body)
    if reported:
        noun = "1 good record was" if len(reported) == 1 else f"{len(reported)} good records were"
        raise Violated(
            f"In a batch with {len(wrong)} broken records {noun} reported as failed, too."
        )


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
    """In the same batch, at once, changed, by a cold process, and an hour later when it has moved on."""
    cloakroom = Cloakroom(world)
    counter, home = orders(world, 1, customer=False)[0], orders(world, 1, customer=True)[0]
    moved = {**home["customer"], "address": "Via Toledo 256"}
    changed = {**home, "customer": moved, "lines": [*home["lines"], *counter["lines"]]}
    claims = [cloakroom.check_in(written(home)) for _ in range(2)]  # its sender was killed, say

    def deliver() -> None:
        before = cloakroom.items()
        cloakroom.post(("document", written(counter)), *(("claim", claim) for claim in claims))
        world.deliver(cloakroom.queue)
        for order_id, item in cloakroom.items().items():
            must_be_the_same(before.get(order_id, item), item)
        if world.left_in(cloakroom.queue) or world.left_in(cloakroom.dlq):
            raise Violated(
                "An order that was packed before was reported as failed; it counts as done."
            )

    deliver()
    cloakroom.must_have_packed([counter, home])
    claims.append(cloakroom.check_in(written(changed)))
    deliver()
    for order in (counter, home):
        cloakroom.set_status(order, "DELIVERED")
        cloakroom.note_courier(order, "Luisa")
    cloakroom.strike(counter, "deliver_to")
    world.note("the delivery service sets the status of these orders to DELIVERED")
    world.note("it takes out where one of them is to be brought")
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
