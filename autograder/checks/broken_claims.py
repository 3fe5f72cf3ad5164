"""Records of the lab `claim_check` that cannot be worked off, and what must become of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from autograder.checks.cloakroom import COATS, Cloakroom, orders, written
from autograder.world import Violated, World


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
    keys: dict[str, Any] = {"a number": 17, "null": None, "a list": [good["key"]]}
    for what, wrong in keys.items():
        yield f"whose key is {what}", "claim", {**good, "key": wrong}
    yield "whose sha256 is empty", "claim", {**good, "sha256": ""}
    yield "that is no JSON", "claim", elsewhere["key"]
    yield "that is a list", "claim", [good["key"], good["sha256"]]
    yield "that is cut off", "document", document[:-1]
    yield "without an order_id", "document", {"lines": order["lines"]}
    yield "without lines", "document", {"order_id": "broken"}
    yield "that is null", "document", "null"
    yield (
        "that is a list in a list, and so on 100,000 times,",
        "document",
        "[" * 100_000 + "]" * 100_000,
    )
    yield "without a kind", None, document
    yield "with an empty order_id", "document", written({**order, "order_id": ""})
    yield "of another kind", "coat", document + " "
    yield "of a kind in capitals", "DOCUMENT", document + "  "
    yield "of a kind with a capital", "Claim", json.dumps(good) + " "


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


def two_claims_for_one_order(world: World) -> None:
    """One of them is for a coat that is gone, before the good one or after it: that is done.

    Whether the other is reported depends on whether the order is in the table by then.
    """
    cloakroom = Cloakroom(world)
    both = orders(world, 2, customer=True)
    good = [cloakroom.good_record(order) for order in both]
    gone = [cloakroom.check_in(written(order)) for order in both]
    for claim in gone:
        world.look("s3").delete_object(Bucket=cloakroom.bucket, Key=claim["key"])
    cloakroom.post(("claim", gone[0]), good[0], good[1], ("claim", gone[1]))
    received = world.receive(cloakroom.queue)
    failed = world.invoke_with(received)
    bodies = {body for _, body in good}
    if any(m["Body"] in bodies and m["MessageId"] in failed for m in received):
        raise Violated(
            "A good claim was reported as failed; another one in the batch, of the same order, is for "
            "a coat that is gone."
        )
    cloakroom.must_have_packed(both)


def claims_with_another_order_id(world: World) -> None:
    """A claim does not say which order its document is: it is reported, or the document's is packed.

    It says one that has been packed, or one that nobody knows, or none.
    """
    cloakroom = Cloakroom(world)
    before, *others = orders(world, 4, customer=True)
    cloakroom.post(cloakroom.good_record(before))
    world.deliver(cloakroom.queue)
    claims = [cloakroom.check_in(written(order)) for order in others]
    claims[0]["order_id"], claims[1]["order_id"] = before["order_id"], "A-4711"
    del claims[2]["order_id"]
    cloakroom.post(*(("claim", claim) for claim in claims))
    received = world.receive(cloakroom.queue)
    failed = world.invoke_with(received)
    reported = [json.loads(m["Body"])["key"] for m in received if m["MessageId"] in failed]
    done = [o for o, claim in zip(others, claims, strict=True) if claim["key"] not in reported]
    if not {order["order_id"] for order in done} <= set(cloakroom.items()):
        raise Violated(
            "A claim with another order_id than its document’s was not reported, and the order of its "
            "document is not packed."
        )
    cloakroom.must_have_packed([before, *done])


def changed_with_its_metadata(world: World) -> None:
    """Somebody puts another document where the sender has put one, with the same metadata."""
    cloakroom, s3 = Cloakroom(world), world.look("s3")
    order = orders(world, 1, customer=True)[0]
    world.invoke("send", written(order), "trace-ü")
    forged = {**order, "customer": {**order["customer"], "address": "Via Toledo 256"}}
    for coat in s3.list_objects_v2(Bucket=cloakroom.bucket, Prefix=COATS).get("Contents", []):
        place = {"Bucket": cloakroom.bucket, "Key": coat["Key"]}
        metadata = s3.head_object(**place)["Metadata"]
        s3.put_object(**place, Body=written(forged).encode(), Metadata=metadata)
    world.note("somebody puts another document in its place, with the same metadata")
    world.deliver(cloakroom.queue)
    item = cloakroom.items().get(order["order_id"], {})
    if item.get("deliver_to") == "Via Toledo 256":
        raise Violated(
            "The object of a claim was changed, and its metadata was not: the order was packed as the "
            "changed document says."
        )
