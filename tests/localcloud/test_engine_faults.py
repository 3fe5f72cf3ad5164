"""What the next calls of a caller meet: refused, late, cut off, killed, held."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import botocore.exceptions
import pytest
from botocore.config import Config

import localcloud
from localcloud import cancel, cut, delay, hold, kill, lose_reply, refuse

ONCE = Config(retries={"total_max_attempts": 1})
PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 3})
KEY = {"order_id": {"S": "17"}}


def _outcomes(account) -> list[tuple[str, str]]:
    return [(call.operation, call.outcome) for call in account.calls]


# --- refused ---


def test_a_refused_call_has_no_effect_and_boto3_raises_its_own_exception(
    account, kitchen, cook, cooked
):
    kitchen.plan(refuse("ConditionalCheckFailedException"))

    with pytest.raises(cook.exceptions.ConditionalCheckFailedException):
        cook()

    assert cooked() == []
    assert _outcomes(account) == [("PutItem", "ConditionalCheckFailedException")]
    cook()
    assert cooked() == ["17"], "the next call is not refused"


THROTTLED = {
    "sqs": ("list_queues", {}, "ThrottlingException"),
    "dynamodb": ("list_tables", {}, "ProvisionedThroughputExceededException"),
    "s3": ("list_buckets", {}, "SlowDown"),
    "sns": ("list_topics", {}, "Throttling"),
    "kinesis": ("list_streams", {}, "ProvisionedThroughputExceededException"),
    "lambda": ("invoke", {"FunctionName": "kitchen"}, "TooManyRequestsException"),
    "events": ("list_rules", {}, "ThrottlingException"),
    "stepfunctions": ("list_state_machines", {}, "ThrottlingException"),
}


@pytest.mark.parametrize("service", THROTTLED)
def test_a_throttled_call_has_the_code_that_the_service_uses(kitchen, service):
    operation, parameters, code = THROTTLED[service]
    client = kitchen.client(service, config=ONCE)
    kitchen.plan(refuse())

    with pytest.raises(botocore.exceptions.ClientError) as error:
        getattr(client, operation)(**parameters)

    assert error.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("service", ["sqs", "dynamodb", "s3", "sns", "lambda"])
def test_boto3_tries_a_throttled_call_again(account, kitchen, service):
    operation, parameters, code = THROTTLED[service]
    client = kitchen.client(service, config=PATIENT)
    kitchen.plan(refuse())

    try:
        reply = getattr(client, operation)(**parameters)["ResponseMetadata"]
    except client.exceptions.ClientError as error:  # there is no function to invoke
        reply = error.response["ResponseMetadata"]

    assert reply["RetryAttempts"] == 1
    assert account.calls[0].outcome == code
    assert len(account.calls) == 2


def test_an_unavailable_service_answers_with_an_error_of_its_own_and_boto3_tries_again(
    account, kitchen, queue
):
    kitchen.plan(refuse("unavailable"))

    kitchen.client("sqs", config=PATIENT).send_message(QueueUrl=queue, MessageBody="x")

    assert _outcomes(account) == [("SendMessage", "InternalServerError"), ("SendMessage", "ok")]


def test_a_cancelled_transaction_says_why_and_has_no_effect(account, kitchen, table, cooked):
    dynamodb = kitchen.client("dynamodb", config=PATIENT)
    kitchen.plan(cancel("TransactionConflict"))

    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as error:
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": table, "Item": {"order_id": {"S": order_id}}}}
                for order_id in ("17", "18")
            ]
        )

    reasons = [reason["Code"] for reason in error.value.response["CancellationReasons"]]
    assert reasons == ["TransactionConflict", "None"]
    assert cooked() == []
    assert _outcomes(account) == [
        ("TransactWriteItems", "TransactionCanceledException (TransactionConflict)")
    ]


# --- late, cut off ---


def test_a_delayed_call_is_answered_late_and_done(kitchen, cook, cooked):
    kitchen.plan(delay(0.3))
    started = time.monotonic()

    cook()

    assert time.monotonic() - started >= 0.3
    assert cooked() == ["17"]


def test_a_call_that_is_late_beyond_the_clients_patience_times_out(kitchen, table):
    impatient = Config(retries={"total_max_attempts": 1}, read_timeout=0.2)
    kitchen.plan(delay(2))

    with pytest.raises(botocore.exceptions.ReadTimeoutError):
        kitchen.client("dynamodb", config=impatient).get_item(TableName=table, Key=KEY)


def test_a_lost_reply_is_a_broken_connection_after_the_work_was_done(
    account, kitchen, cook, cooked
):
    kitchen.plan(lose_reply())

    with pytest.raises(botocore.exceptions.HTTPClientError):
        cook()

    assert cooked() == ["17"]
    assert _outcomes(account) == [("PutItem", "reply lost")]


def test_a_cut_connection_is_a_broken_one_before_the_work_was_done(account, kitchen, cook, cooked):
    kitchen.plan(cut())

    with pytest.raises(botocore.exceptions.HTTPClientError):
        cook()

    assert cooked() == []
    assert _outcomes(account) == [("PutItem", "connection cut")]


def test_boto3_repeats_a_call_whose_connection_is_cut_until_it_gives_up(account, kitchen, queue):
    sqs = kitchen.client("sqs", config=PATIENT)
    kitchen.plan(cut())

    sqs.send_message(QueueUrl=queue, MessageBody="order 17")

    assert _outcomes(account) == [("SendMessage", "connection cut"), ("SendMessage", "ok")]
    kitchen.plan(cut(times=None))
    with pytest.raises(botocore.exceptions.HTTPClientError):
        sqs.send_message(QueueUrl=queue, MessageBody="order 18")


def test_boto3_repeats_a_call_whose_reply_was_lost_so_its_effect_happens_again(
    account, kitchen, queue
):
    kitchen.plan(lose_reply())

    kitchen.client("sqs", config=PATIENT).send_message(QueueUrl=queue, MessageBody="order 17")

    assert _outcomes(account) == [("SendMessage", "reply lost"), ("SendMessage", "ok")]
    sqs = account.observer.client("sqs")
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert {message["MessageId"] for message in received} == {
        message for call in account.calls for message in call.messages
    }
    assert len(received) == 2


@pytest.mark.parametrize("service", ["sns", "s3", "lambda"])
def test_a_lost_reply_is_noticed_in_every_protocol(account, kitchen, service):
    client = kitchen.client(service, config=ONCE)
    lists = {"sns": "list_topics", "s3": "list_buckets", "lambda": "list_functions"}
    kitchen.plan(lose_reply())

    with pytest.raises(botocore.exceptions.HTTPClientError):
        getattr(client, lists[service])()

    assert [call.outcome for call in account.calls] == ["reply lost"]


# --- killed ---

PROGRAM = """
import boto3, sys
dynamodb = boto3.client("dynamodb")
print("ready", flush=True)
sys.stdin.readline()
for order in ("17", "18"):
    dynamodb.put_item(TableName="cooked", Item={"order_id": {"S": order}})
print("done", flush=True)
"""


@pytest.fixture
def program(kitchen, table):
    """The kitchen as a process of its own that writes two orders once it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=kitchen.environment,
    )
    assert process.stdin and process.stdout
    assert process.stdout.readline() == "ready\n"
    kitchen.runs_as(process.pid)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ("when", "at", "in_table"),
    [("before", 1, []), ("after", 1, ["17"]), ("before", 2, ["17"]), ("after", 2, ["17", "18"])],
)
def test_a_process_is_killed_before_or_after_its_call_takes_effect(
    account, kitchen, program, cooked, when, at, in_table
):
    kitchen.plan(kill(when, at=at))

    output, _ = program.communicate("\n", timeout=30)

    assert program.returncode == -9
    assert output == ""
    assert cooked() == in_table
    assert _outcomes(account) == [("PutItem", "ok")] * (at - 1) + [("PutItem", f"killed {when}")]


# --- held ---


def test_a_held_call_waits_until_it_is_released(kitchen, cook, cooked):
    kitchen.plan(hold())
    with ThreadPoolExecutor() as threads:
        writing = threads.submit(cook)
        assert kitchen.wait_until_held()
        assert cooked() == [], "held before it took effect"

        kitchen.release()
        writing.result(10)

    assert cooked() == ["17"]


def test_a_call_can_be_held_after_it_took_effect(kitchen, cook, cooked):
    kitchen.plan(hold("after"))
    with ThreadPoolExecutor() as threads:
        writing = threads.submit(cook)
        assert kitchen.wait_until_held()
        assert cooked() == ["17"], "held with the work done and the reply outstanding"

        kitchen.release()
        writing.result(10)


def test_nothing_held_is_said_after_the_time_to_wait(kitchen):
    assert kitchen.wait_until_held(timeout=0.05) is False
    with pytest.raises(localcloud.EngineError, match="no call of kitchen is being held"):
        kitchen.release()


def _read_then_write(caller: localcloud.Caller, table: str) -> None:
    """Add one to a counter as a careless worker does: read, add, write."""
    dynamodb = caller.client("dynamodb", config=ONCE)
    item = dynamodb.get_item(TableName=table, Key=KEY).get("Item", {"points": {"N": "0"}})
    points = int(item["points"]["N"]) + 1
    dynamodb.put_item(TableName=table, Item={**KEY, "points": {"N": str(points)}})


@pytest.mark.parametrize(("order", "points"), [("one after the other", "2"), ("in between", "1")])
def test_two_callers_are_interleaved_as_asked(account, table, order, points):
    first, second = account.caller("first"), account.caller("second")
    first.plan(hold(operation="PutItem"))
    with ThreadPoolExecutor() as threads:
        one = threads.submit(_read_then_write, first, table)
        assert first.wait_until_held()
        if order == "one after the other":
            first.release()
            one.result(10)
            _read_then_write(second, table)
        else:
            _read_then_write(second, table)
            first.release()
            one.result(10)

    item = account.observer.client("dynamodb").get_item(TableName=table, Key=KEY)["Item"]
    assert item["points"] == {"N": points}


def test_a_held_call_ends_with_its_client(account, kitchen, table, cooked):
    impatient = Config(retries={"total_max_attempts": 1}, read_timeout=0.2)
    kitchen.plan(hold())

    with pytest.raises(botocore.exceptions.ReadTimeoutError):
        kitchen.client("dynamodb", config=impatient).put_item(TableName=table, Item=KEY)

    deadline = time.monotonic() + 10
    while kitchen.wait_until_held(timeout=0):
        assert time.monotonic() < deadline
    assert _outcomes(account) == [("PutItem", "killed before")]
    assert cooked() == []
