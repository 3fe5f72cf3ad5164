"""The restaurant of the lab `claim_check`: its bucket, queue and table, its orders and messages."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast
from urllib.parse import unquote

from botocore.exceptions import ClientError

from autograder.checks.stage import (
    CHANGES,
    PIZZAS,
    Item,
    Order,
    changes_of,
    items_of,
    make_queue,
    make_table,
    set_status,
    some_of,
)
from autograder.world import Violated, World

SQS_LIMIT = 1_048_576
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""
COATS = "coats/"
# Long enough, and with letters enough, not to turn up in a checksum or a random id by accident.
FIRST_NAMES = ["Grace", "Barbara", "Leslie", "Edsger", "Frances", "Margaret", "Radia", "Zoë"]
LAST_NAMES = ["Hopper", "Liskov", "Lamport", "Dijkstra", "Perlman", "Hamilton", "Nüßlein"]
STREETS = ["Via dei Tribunali", "Kirchgässchen", "Piazza Mercato", "Long Lane", "Østergade"]
TWO_CUSTOMERS = (
    {"name": "Ottokar Quimzel", "phone": "+39 081 5550143", "address": "Calata Pozzuoli 41"},
    {"name": "Wybrand Fosthuk", "phone": "+39 089 2174466", "address": "Vicolo Gerbino 263"},
)
"""Fields as long as the other's: the size of a document tells nothing. No three letters are the same."""
OF_THE_SYSTEM = ("MessageGroupId", "AWSTraceHeader")
"""What else a sender can write on a message."""
Message = dict[str, Any]


class Cloakroom:
    """A restaurant's bucket, queue and table, made as the lab describes them."""

    def __init__(self, world: World, receives: int = 3):
        self.world = world
        self.queue, self.dlq = make_queue(world, "packing", receives)
        self.bucket = f"restaurant-{world.account.id}"
        world.look("s3").create_bucket(Bucket=self.bucket)
        self.table = world.variables["PACKING_TABLE"]
        self.stream = make_table(
            world,
            self.table,
            "order_id",
            StreamSpecification=CHANGES,
        )["LatestStreamArn"]
        world.variables["CLAIMS_BUCKET"] = self.bucket
        world.variables["CLAIMS_QUEUE_URL"] = self.queue

    # --- the sender's side ---

    def look_into_the_queue(self) -> list[Message]:
        """Return the messages in the queue, which stay there; up to ten."""
        reply = self.world.look("sqs").receive_message(
            QueueUrl=self.queue,
            MaxNumberOfMessages=10,
            VisibilityTimeout=0,
            WaitTimeSeconds=0,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=list(OF_THE_SYSTEM),
        )
        return list(reply.get("Messages", []))

    def send(self, document: str, trace_id: str, attempts: int = 1) -> list[Message]:
        """Call the learner's send, as the order service does; return what is in the queue then."""
        for _ in range(attempts):
            outcome = self.world.invoke("send", document, trace_id)
            messages = self.look_into_the_queue()
            self.must_hold(document, messages)
            if outcome.kind == "returned":
                return messages
        raise Violated(f"send does not return. {outcome.message}")

    def send_one(self, document: str, trace_id: str, kind: str | None = None) -> Message:
        """Send a document, which must be a message of that kind, and take it out of the queue."""
        messages = self.send(document, trace_id)
        if len(messages) != 1:
            raise Violated(f"send was called once, and {len(messages)} messages are in the queue.")
        if kind is not None:
            self.must_have_sent(document, trace_id, messages[0], kind)
        self.world.look("sqs").delete_message(
            QueueUrl=self.queue, ReceiptHandle=messages[0]["ReceiptHandle"]
        )
        return messages[0]

    def must_hold(self, document: str, messages: Sequence[Message]) -> None:
        """What must hold at every moment: each claim fits, and no customer is in the queue."""
        for message in messages:
            if kind_of(message) == "claim":
                self.must_fit(message)
            elif "customer" in json.loads(document):
                raise Violated("A document with a customer is in the queue itself.")

    def must_fit(self, message: Message) -> str:
        """The claim has the fields it must have, and its object is there; return the object's text."""
        claim = claim_of(message)
        coat = self.coat(claim["key"])
        if coat is None:
            raise Violated("A claim is in the queue and its object is not there.")
        if claim["sha256"].lower() != hashlib.sha256(coat).hexdigest():
            raise Violated("A claim’s sha256 is not the SHA-256 checksum of its object.")
        return coat.decode()

    def coat(self, key: str) -> bytes | None:
        """The object's bytes, None if it is not there."""
        try:
            reply = self.world.look("s3").get_object(Bucket=self.bucket, Key=key)
        except ClientError:
            return None
        return bytes(reply["Body"].read())

    def put_at(self, message: Message) -> datetime:
        """When the object of a claim was put into the bucket."""
        reply = self.world.look("s3").head_object(Bucket=self.bucket, Key=claim_of(message)["key"])
        return cast(datetime, reply["LastModified"])

    def must_have_sent(self, document: str, trace_id: str, message: Message, kind: str) -> None:
        """One message is what the lab says for this document."""
        order, limit = json.loads(document), int(self.world.variables["MESSAGE_LIMIT_BYTES"])
        what = describe(document)
        if size_of(message) > limit:
            raise Violated(
                f"For {what} a message of {size_of(message)} bytes was sent, counted with its "
                f"attributes; the limit is {limit}."
            )
        if kind_of(message) != kind:
            size = size_of(its_own_message(document, trace_id))
            fits = "customer" not in order
            why = f"; its own message would have {size} bytes, the limit is {limit}" if fits else ""
            raise Violated(f"For {what} a {kind} must be sent, not a {kind_of(message)}{why}.")
        attributes = message["MessageAttributes"]
        if attributes.get("trace_id") != {"DataType": "String", "StringValue": trace_id}:
            raise Violated(
                "A message must have the attribute trace_id, of type String, with the trace id."
            )
        if set(attributes) != {"kind", "trace_id"}:
            raise Violated(
                f"A message has the attributes {some_of(list(attributes))}; it must have kind and "
                "trace_id."
            )
        if kind == "document" and message["Body"] != document:
            raise Violated("A document that travels itself must be the message body, unchanged.")
        if kind == "claim" and self.must_fit(message) != document:
            raise Violated(f"The object for {what} is not the document, unchanged and as UTF-8.")
        if kind == "claim" and claim_of(message)["order_id"] != order["order_id"]:
            raise Violated("A claim’s order_id must be that of its document.")

    # --- the receiver's side ---

    def check_in(self, document: str | bytes) -> dict[str, str]:
        """Put something into the cloakroom and return the claim for it."""
        coat = document if isinstance(document, bytes) else document.encode()
        key = f"{COATS}{self.world.random.getrandbits(64):016x}"
        self.world.look("s3").put_object(Bucket=self.bucket, Key=key, Body=coat)
        return {
            "order_id": order_id_in(coat),
            "key": key,
            "sha256": hashlib.sha256(coat).hexdigest(),
        }

    def good_record(self, order: Order) -> tuple[str, str]:
        """The message for an order, (kind, body), as a correct `send` would write it."""
        if "customer" in order:
            return "claim", json.dumps(self.check_in(written(order)))
        return "document", written(order)

    def post(self, *messages: tuple[str | None, str | dict[str, Any]]) -> None:
        """Put up to ten messages, (kind, body), into the queue, as a correct `send` would."""
        entries = []
        for number, (kind, body) in enumerate(messages):
            values = {"trace_id": f"trace-{self.world.random.randint(100, 999)}"}
            if kind is not None:
                values["kind"] = kind
            entries.append(
                {
                    "Id": str(number),
                    "MessageBody": body if isinstance(body, str) else json.dumps(body),
                    "MessageAttributes": {
                        name: {"DataType": "String", "StringValue": value}
                        for name, value in values.items()
                    },
                }
            )
        self.world.look("sqs").send_message_batch(QueueUrl=self.queue, Entries=entries)

    def items(self) -> dict[str, Item]:
        """The table's items by order id."""
        return {item["order_id"]: item for item in items_of(self.world, self.table)}

    def must_never_have_changed(self) -> None:
        """No item was changed after it was packed."""
        for before, after in changes_of(self.world, self.stream):
            if before.get("status") == "PACKED":
                must_be_the_same(before, after)

    def must_have_packed(self, orders: Sequence[Order], status: str = "PACKED") -> None:
        """These orders, and nothing else, are in the table as they must be."""
        items = self.items()
        for order in orders:
            item = items.pop(order["order_id"], None)
            if item is None:
                raise Violated(
                    f"Order {order['order_id']} was never packed: it is not in the table."
                )
            for field, value in {**packed(order), "status": status}.items():
                if item.get(field) != value:
                    raise Violated(
                        f"Order {order['order_id']}: its item has {field} {item.get(field)!r} "
                        f"where it must be {value!r}."
                    )
        if items:
            raise Violated(
                f"The table has an item for {next(iter(items))!r}, which must not be there."
            )

    def must_have_dead_letters(self, count: int) -> None:
        dead = self.world.left_in(self.dlq)
        if dead > count:
            raise Violated("A message ended in the dead-letter queue that had to be worked off.")
        if dead < count:
            raise Violated(
                f"{count - dead} of the messages that must end as dead letters is not there."
            )

    def set_status(self, order: Order, status: str) -> None:
        """What the delivery service does some time after an order was packed."""
        set_status(self.world, self.table, order, status)

    def strike(self, order: Order, field: str) -> None:
        """What somebody does who takes a field out of an order's item."""
        self.world.look("dynamodb").update_item(
            TableName=self.table,
            Key={"order_id": {"S": order["order_id"]}},
            UpdateExpression="REMOVE #field",
            ExpressionAttributeNames={"#field": field},
        )

    def note_courier(self, order: Order, courier: str) -> None:
        """What the delivery service adds to an order's item."""
        self.world.look("dynamodb").update_item(
            TableName=self.table,
            Key={"order_id": {"S": order["order_id"]}},
            UpdateExpression="SET courier = :c",
            ExpressionAttributeValues={":c": {"S": courier}},
        )


def orders(world: World, count: int, customer: bool) -> list[Order]:
    """Orders that differ from submission to submission, to be delivered or eaten at the counter."""
    found: list[Order] = []
    for number in world.random.sample(range(1000 + customer, 10000, 2), count):
        lines = [
            {"pizza": pizza, "quantity": world.random.randint(1, 9)}
            for pizza in world.random.sample(PIZZAS, world.random.randint(1, 4))
        ]
        lines.append(dict(lines[0]))  # somebody else at the table wants just the same
        order: Order = {"order_id": str(number), "lines": lines}
        if customer:
            name = f"{world.random.choice(FIRST_NAMES)} {world.random.choice(LAST_NAMES)}"
            order["customer"] = {
                "name": name,
                "phone": f"+39 081 {world.random.randint(10**6, 10**7 - 1)}",
                "address": f"{world.random.choice(STREETS)} {world.random.randint(2, 99)}",
            }
        found.append(order)
    return found


def written(order: Order) -> str:
    """An order's document, as the shop writes it."""
    return json.dumps(order, ensure_ascii=False)


def with_more_fields(order: Order) -> Order:
    """An order with fields that nobody here knows: in itself, in its lines and in its customer."""
    shop = {"name": "Mercato", "tables": [1, 2.5], "customer": "at table 7"}  # not the order's
    lines = [{**line, "price": 9.5, "without": ["olive"]} for line in order["lines"]]
    more = {**order, "lines": lines, "tip": 1.5, "status": "NEW", "shop": shop}
    if "customer" in order:
        more["customer"] = {**order["customer"], "floor": 3, "bell": None}
    return more


def must_be_the_same(before: Item, after: Item) -> None:
    """An order's item is what it was before it was delivered again."""
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            raise Violated(
                f"Order {before['order_id']} was in the table with {name} {shown(before, name)}; "
                f"after it was delivered again it has {shown(after, name)}."
            )


def shown(item: Item, name: str) -> str:
    """An attribute as a sentence can take it."""
    return repr(str(item[name])) if name in item else "none"


def oddly_written(order: Order) -> str:
    """The same order as another program may write it: other spaces, escapes, digits and line ends."""
    return json.dumps(order, indent=1)[:-2].replace("\n", "\r\n") + ',\r\n "total": 19.50 }\r\n'


def packed(order: Order) -> dict[str, Any]:
    """What the packing station must note of an order."""
    return {
        "pizzas": sum(line["quantity"] for line in order["lines"]),
        "deliver_to": order["customer"]["address"] if "customer" in order else "counter",
    }


def padded(order: Order, size: int, trace_id: str, filler: str = "x") -> str:
    """The order's document with a note that makes its own message exactly `size` bytes."""
    left = size - size_of(its_own_message(written({**order, "note": ""}), trace_id))
    note = filler * (left // len(filler.encode()))
    note += "x" * (left - len(note.encode()))
    return written({**order, "note": note})


def its_own_message(document: str, trace_id: str) -> Message:
    """The message of a document that travels itself."""
    attributes = {"kind": "document", "trace_id": trace_id}
    return {
        "Body": document,
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    }


def describe(document: str) -> str:
    """A document in a few words."""
    with_customer = "with" if "customer" in json.loads(document) else "without"
    characters, size = len(document), len(document.encode())
    length = f"{size} bytes" + (f" ({characters} characters)" if characters != size else "")
    return f"a document of {length} {with_customer} a customer"


def size_of(message: Message) -> int:
    """A message's size as SQS counts it: body, and name, type and value of each attribute.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
    """
    parts = [message["Body"]]
    for name, value in message.get("MessageAttributes", {}).items():
        parts += [name, value["DataType"], value.get("StringValue", "")]
    return sum(len(part.encode()) for part in parts)


def kind_of(message: Message) -> str:
    attribute = message.get("MessageAttributes", {}).get("kind", {})
    kind = attribute.get("StringValue")
    if kind not in ("document", "claim") or attribute["DataType"] != "String":
        raise Violated(
            "A message must have the attribute kind, of type String, with the value document or "
            f"claim; one has {kind!r}."
        )
    return str(kind)


def claim_of(message: Message) -> dict[str, str]:
    """The claim in a message, with the fields it must have."""
    try:
        claim = json.loads(message["Body"])
    except (ValueError, RecursionError):  # nested without end is no JSON object either
        claim = None
    fields = {"order_id", "key", "sha256"}
    if not isinstance(claim, dict) or set(claim) != fields:
        found = (
            some_of(list(claim)) if isinstance(claim, dict) else "none, for it is no JSON object"
        )
        raise Violated(
            f"A claim must be a JSON object with exactly the fields {some_of(list(fields))}; "
            f"one has {found}."
        )
    if not all(isinstance(value, str) for value in claim.values()):
        raise Violated("The fields of a claim must be texts.")
    if not claim["key"].startswith(COATS):
        raise Violated(f"A claim’s key must begin with {COATS}.")
    return claim


def must_not_tell(message: Message, order: Order) -> None:
    """No part of a message says anything about the customer."""
    parts = [message["Body"]]
    for name, value in message.get("MessageAttributes", {}).items():
        parts += [name, value.get("StringValue", "")]
    parts += [message.get("Attributes", {}).get(name, "") for name in OF_THE_SYSTEM]
    with contextlib.suppress(ValueError, RecursionError):
        parts.append(json.dumps(json.loads(message["Body"]), ensure_ascii=False))
    text = "\n".join(parts)
    text = f"{text}\n{unquote(text)}".casefold()
    # Two numbers beside each other are not one, unless what is between them belongs into a phone number.
    digits = re.sub(r"[ ()+./_-]", "", text)
    for field, value in order.get("customer", {}).items():
        for word in personal_words(value):
            if word in (digits if word.isdigit() else text):
                raise Violated(
                    f"A message tells the customer’s {field} ({value}): nothing about the customer "
                    "may be in a message, its attributes, or the key in its claim."
                )


def must_not_tell_who_is_who(what: str, one: Sequence[str], other: Sequence[str]) -> None:
    """No part of these texts is the same in all of one customer's orders, and in none of the other's.

    A part stands between two signs, or is three characters of that. A part of one character does not
    count. There must be many texts: three random characters are the same in a few of them now and then.
    """
    for these, those in ((one, other), (other, one)):
        told = set.intersection(*map(parts_of, these)).difference(*map(parts_of, those))
        if told:
            part = max(sorted(told), key=len)
            raise Violated(
                f"In all orders of one customer the {what} has {part!r} in it, and in none of another’s: "
                "it tells who has ordered. A message may say nothing about the customer."
            )


def what_is_told(message: Message) -> dict[str, str]:
    """What of a message may differ from order to order, besides the order id: by what it is called."""
    said = message.get("Attributes", {})
    return {"key": claim_of(message)["key"], **{name: said.get(name, "") for name in OF_THE_SYSTEM}}


def parts_of(text: str) -> set[str]:
    words = re.split(r"[^0-9a-z]+", text.casefold())
    threes = (word[start : start + 3] for word in words for start in range(len(word) - 2))
    return {*threes, *(word for word in words if len(word) > 1)}


def personal_words(value: str) -> Iterator[str]:
    """The parts of a customer's field that give them away."""
    number = "".join(c for c in value if c.isdigit())
    if len(number) > 6:
        yield number[-7:]
    yield from (word for word in value.casefold().split() if len(word) > 4 and word.isalpha())


def order_id_in(coat: bytes) -> str:
    try:
        return str(json.loads(coat)["order_id"])
    except (ValueError, TypeError, KeyError):
        return "broken"
