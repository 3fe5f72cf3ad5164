"""The grader delivers a table's stream as Lambda's event source mapping does.

https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

import localcloud
from autograder.bench import Bench
from autograder.history import tell
from autograder.sandbox import Limits, Sandbox
from autograder.schedule import Schedule
from autograder.streams import StreamMapping, as_lambda_hands_it_over
from autograder.world import Violated, World
from localcloud import kill

PRINT = """
def names(event):
    return [record["dynamodb"]["Keys"]["order_id"]["S"] for record in event["Records"]]

def numbers(event, *wanted):
    records = {r["dynamodb"]["Keys"]["order_id"]["S"]: r["dynamodb"] for r in event["Records"]}
    return [{"itemIdentifier": records[w]["SequenceNumber"]} for w in wanted if w in records]

calls = 0
"""
WRITE = """
import boto3, uuid
table = boto3.resource("dynamodb").Table("orders")
"""
Start = Callable[..., "Stage"]


class Stage:
    """A table with a stream, and a handler that prints the order ids of each batch."""

    def __init__(self, world: World):
        self.world = world
        self.dynamodb = world.look("dynamodb")
        created = self.dynamodb.create_table(
            TableName="orders",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "order_id", "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        self.mapping = StreamMapping(world, created["TableDescription"]["LatestStreamArn"])

    def put(self, *order_ids: str) -> None:
        for order_id in order_ids:
            self.dynamodb.put_item(TableName="orders", Item={"order_id": {"S": order_id}})

    @property
    def batches(self) -> list[list[str]]:
        """The order ids that the handler was invoked with, invocation by invocation."""
        lines = "".join(self.world.output).splitlines()
        return [json.loads(line) for line in lines if line.startswith("[")]


@pytest.fixture(scope="module")
def cloud() -> Iterator[localcloud.Cloud]:
    with localcloud.start(guarded=True) as cloud:
        yield cloud


@pytest.fixture
def stage(cloud: localcloud.Cloud) -> Iterator[Start]:
    with contextlib.ExitStack() as opened:

        def start(handler: str, *faults: Any) -> Stage:
            body = "".join(f"    {line}\n" for line in handler.splitlines())
            source = f"{PRINT}\nimport json\ndef handler(event, context):\n    global calls\n"
            source += f"    calls += 1\n    print(json.dumps(names(event)))\n{body}"
            if "table" in handler:
                source = WRITE + source
            sandbox = opened.enter_context(
                Sandbox(
                    source.encode(),
                    module_name="orders",
                    endpoint_port=cloud.port,
                    limits=Limits(cpu_seconds=5),
                )
            )
            world = World(
                Bench(cloud, sandbox, "order service", "seed", {}), Schedule(faults), "test"
            )
            opened.callback(world.close)
            return Stage(world)

        yield start


def test_changes_are_delivered_once_in_the_order_they_were_made(stage: Start) -> None:
    on = stage("return None")
    on.put("1", "2", "3")
    on.mapping.deliver_until_quiet(batch_size=2)
    on.put("4")
    on.mapping.deliver_until_quiet(batch_size=2)
    assert on.batches == [["1", "2"], ["3"], ["4"]]


def test_what_is_done_before_a_record_that_failed_is_known_until_it_comes_again(
    stage: Start,
) -> None:
    on = stage("return {'batchItemFailures': numbers(event, '2') if calls == 1 else []}")
    on.put("1", "2")
    on.mapping.deliver_until_quiet()
    keys = [{"order_id": {"S": number}} for number in ("1", "2")]
    assert [on.mapping.before_a_failure(key) for key in keys] == [True, False]
    on.put("1")
    on.dynamodb.delete_item(TableName="orders", Key=keys[0])
    on.mapping.deliver_until_quiet()
    assert not on.mapping.before_a_failure(keys[0])


def test_what_the_handler_changes_is_delivered_as_well(stage: Start) -> None:
    on = stage("if calls == 1: table.put_item(Item={'order_id': 'made by the handler'})")
    on.put("1")
    on.mapping.deliver_until_quiet()
    assert on.batches == [["1"], ["made by the handler"]]


@pytest.mark.parametrize("reported", ["'2'", "'2', '3'", "'3', '2'"])
def test_a_failure_is_delivered_again_with_what_follows_and_nothing_before(
    stage: Start, reported: str
) -> None:
    on = stage(f"if calls == 1: return {{'batchItemFailures': numbers(event, {reported})}}")
    on.put("1", "2", "3")
    on.mapping.deliver()
    on.put("4")
    on.mapping.deliver_until_quiet()
    assert on.batches == [["1", "2", "3"], ["2", "3"], ["4"]]


@pytest.mark.parametrize(
    "ending",
    [
        "raise RuntimeError",
        "return {'batchItemFailures': [{'itemIdentifier': event['Records'][0]['eventID']}]}",
        "return {'batchItemFailures': [{'itemIdentifier': ''}]}",
    ],
)
def test_an_error_or_an_unknown_identifier_fails_the_whole_batch(stage: Start, ending: str) -> None:
    on = stage(f"if calls == 1: {ending}")
    on.put("1", "2")
    on.mapping.deliver_until_quiet()
    assert on.batches == [["1", "2"], ["1", "2"]]


def test_after_a_crash_the_batch_comes_again_to_a_cold_process(stage: Start) -> None:
    on = stage("table.put_item(Item={'order_id': 'x'}); print(calls)", kill("after", at=1))
    on.put("1")
    on.mapping.deliver_until_quiet()
    assert on.batches[:2] == [["1"], ["1"]]
    assert "".join(on.world.output).splitlines()[2] == "1"  # its module was loaded anew


def test_a_record_that_always_fails_is_found_to_block_the_stream(stage: Start) -> None:
    on = stage("return {'batchItemFailures': numbers(event, '2')}")
    on.put("1", "2", "3")
    with pytest.raises(
        Violated, match=r"The stream is stuck: the same record \(order 2 inserted\)"
    ):
        on.mapping.deliver_until_quiet()
    assert {tuple(batch) for batch in on.batches[1:]} == {("2", "3")}


def test_a_handler_that_writes_each_time_is_found_to_loop(stage: Start) -> None:
    on = stage("table.put_item(Item={'order_id': '1', 'looked': uuid.uuid4().hex})")
    on.put("1")
    with pytest.raises(Violated, match="never becomes quiet"):
        on.mapping.deliver_until_quiet()


def test_an_iterator_that_has_expired_is_replaced_and_nothing_is_delivered_twice(
    stage: Start,
) -> None:
    on = stage("return None")
    on.put("1")
    on.mapping.deliver_until_quiet()
    on.world.pass_time(3600)
    on.put("2")
    on.mapping.deliver_until_quiet()
    assert on.batches == [["1"], ["2"]]


def test_a_delivery_is_told_in_words(stage: Start) -> None:
    on = stage("if calls == 1: return {'batchItemFailures': numbers(event, '2')}")
    on.put("1", "2")
    on.dynamodb.delete_item(TableName="orders", Key={"order_id": {"S": "1"}})
    on.mapping.deliver_until_quiet()
    assert tell(on.world.calls, on.world.notes, "order service") == [
        "The stream delivers to the order service: order 1 inserted, order 2 inserted, "
        "order 1 removed.",
        "The order service reports a failure from “order 2 inserted” on.",
        "The stream delivers to the order service again: order 2 inserted, order 1 removed.",
    ]


def test_a_record_is_handed_over_as_lambda_does() -> None:
    at = datetime(2026, 11, 21, 19, 40, tzinfo=timezone.utc)
    read = {
        "eventName": "REMOVE",
        "dynamodb": {
            "ApproximateCreationDateTime": at,
            "OldImage": {"photo": {"B": b"\x00\xff"}, "parts": {"L": [{"BS": [b"a"]}]}},
        },
        "userIdentity": {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"},
    }
    assert as_lambda_hands_it_over(read, "arn:of:the:stream") == {
        "eventName": "REMOVE",
        "dynamodb": {
            "ApproximateCreationDateTime": at.timestamp(),
            "OldImage": {"photo": {"B": "AP8="}, "parts": {"L": [{"BS": ["YQ=="]}]}},
        },
        "userIdentity": {"principalId": "dynamodb.amazonaws.com", "type": "Service"},
        "eventSourceARN": "arn:of:the:stream",
    }
