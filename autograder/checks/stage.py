"""What the stages of several labs are made of: queues, tables and what is in them, orders."""

from __future__ import annotations

import json
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from autograder.sandbox import Outcome
from autograder.world import Violated, World

PIZZAS = ["margherita", "funghi", "diavola", "quattro formaggi", "jalapeño", "ortolana"]
CUSTOMERS = ["Ada", "Grace", "Barbara", "Leslie", "Zoë", "Edsger", "Frances", "Tony"]
Order = dict[str, Any]
Item = dict[str, Any]


def orders(world: World, count: int) -> list[Order]:
    """Orders that differ from submission to submission."""
    numbers = world.random.sample(range(1000, 10000), count)
    return [
        {
            "order_id": str(number),
            "customer": world.random.choice(CUSTOMERS),
            "pizza": world.random.choice(PIZZAS),
            "quantity": world.random.randint(1, 6),
        }
        for number in numbers
    ]


def make_queue(world: World, name: str, receives: int) -> tuple[str, str]:
    """Make a queue whose messages end in a dead-letter queue; return the URLs of both."""
    sqs = world.look("sqs")
    timeout = str(world.bench.visibility_timeout_s)
    dlq = sqs.create_queue(QueueName=f"{name}-dlq", Attributes={"VisibilityTimeout": timeout})
    policy = {
        "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{world.account.id}:{name}-dlq",
        "maxReceiveCount": receives,
    }
    queue = sqs.create_queue(
        QueueName=name,
        Attributes={"RedrivePolicy": json.dumps(policy), "VisibilityTimeout": timeout},
    )
    return queue["QueueUrl"], dlq["QueueUrl"]


CHANGES = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
"""A table's stream as `changes_of` reads it."""


def make_table(world: World, name: str, key: str, **more: Any) -> dict[str, Any]:
    """Make a table with one key, a string; return DynamoDB's description of it."""
    created = world.look("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        **more,
    )
    return dict(created["TableDescription"])


def items_of(world: World, table: str) -> list[Item]:
    """The items of a table as Python has them, numbers as int where they are whole."""
    scan = world.look("dynamodb").get_paginator("scan")
    pages = scan.paginate(TableName=table, ConsistentRead=True)
    return [_plain(item) for page in pages for item in page["Items"]]


def changes_of(world: World, stream_arn: str) -> list[tuple[Item, Item]]:
    """(before, after) of each change of a table, from its stream; {} where there was or is no item."""
    streams = world.look("dynamodbstreams")
    found: list[dict[str, Any]] = []
    for shard in streams.describe_stream(StreamArn=stream_arn)["StreamDescription"]["Shards"]:
        beginning = streams.get_shard_iterator(
            StreamArn=stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        found += streams.get_records(ShardIterator=beginning)["Records"]
    changes = [record["dynamodb"] for record in found]
    return [(_plain(c.get("OldImage", {})), _plain(c.get("NewImage", {}))) for c in changes]


def _plain(item: dict[str, Any]) -> Item:
    plain = TypeDeserializer().deserialize
    return {name: _number(plain(value)) for name, value in item.items()}


def _number(value: Any) -> Any:
    if type(value).__name__ != "Decimal":
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def set_status(world: World, table: str, order: Order, status: str) -> None:
    """What another service does to an order's item some time later."""
    world.look("dynamodb").update_item(
        TableName=table,
        Key={"order_id": {"S": order["order_id"]}},
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": {"S": status}},
    )


def call_until_it_returns(world: World, function: str, *args: Any) -> Outcome:
    """What an operator does: try again, a minute later, up to three times."""
    for _ in range(3):
        outcome = world.invoke(function, *args)
        if outcome.kind == "returned":
            return outcome
        world.pass_time(2 * world.bench.visibility_timeout_s)
    raise Violated(f"{function} fails each time. {outcome.message}")


def some_of(names: list[str]) -> str:
    """Names that a learner's code has given, as a sentence can take them."""
    shown = ", ".join(repr(name[:80]) for name in sorted(names)[:5])
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{shown}{more}" if names else "none"


def shown(body: str) -> str:
    """A record's body as a sentence can take it: all that can be wrong with it."""
    return repr(body if len(body) <= 240 else f"{body[:237]}…")
