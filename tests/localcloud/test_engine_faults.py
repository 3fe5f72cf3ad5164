"""What the next calls of a caller meet: refused, late, cut off, killed, held."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import botocore.exceptions
import pytest
from botocore.config import Config

import localcloud
from localcloud import delay, hold, kill, lose_reply, refuse

ONCE = Config(retries={"total_max_attempts": 1})
PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 3})
KEY = {"order_id": {"S": "17"}}


@pytest.fixture
def table(account) -> str:
    account.observer.client("dynamodb").create_table(
        TableName="cooked",
        KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "order_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return "cooked"


@pytest.fixture
def queue(account) -> str:
    return account.observer.client("sqs").create_queue(QueueName="orders")["QueueUrl"]


@pytest.fixture
def kitchen(account) -> localcloud.Caller:
    return account.caller("kitchen")


@pytest.fixture
def cook(kitchen, table):
    """Return a function that writes an order as the kitchen, without boto3 trying again."""
    dynamodb = kitchen.client("dynamodb", config=ONCE)

    def put(order: str = "17") -> None:
        dynamodb.put_item(TableName=table, Item={"order_id": {"S": order}})

    put.exceptions = dynamodb.exceptions
    return put


@pytest.fixture
def cooked(account, table):
    """Return a function that reads the numbers of the orders in the table."""
    dynamodb = account.observer.client("dynamodb")

    def read() -> list[str]:
        return sorted(i["order_id"]["S"] for i in dynamodb.scan(TableName=table)["Items"])

    return read


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


@pytest.mark.parametrize("service", THROTTLED)
def test_boto3_tries_a_throttled_call_again(account, kitchen, service):
    operation, parameters, code = THROTTLED[service]
    client = kitchen.client(service, config=PATIENT)
    kitchen.plan(refuse(times=2))

    try:
        reply = getattr(client, operation)(**parameters)["ResponseMetadata"]
    except client.exceptions.ClientError as error:  # there is no function to invoke
        reply = error.response["ResponseMetadata"]

    assert reply["RetryAttempts"] == 2
    assert [call.outcome for call in account.calls][:2] == [code, code]


def test_an_unavailable_service_answers_with_an_error_of_its_own_and_boto3_tries_again(
    account, kitchen, queue
):
    kitchen.plan(refuse("unavailable"))

    kitchen.client("sqs", config=PATIENT).send_message(QueueUrl=queue, MessageBody="x")

    assert _outcomes(account) == [("SendMessage", "InternalServerError"), ("SendMessage", "ok")]


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


# --- which calls ---


def test_at_counts_the_callers_calls_from_the_plan_on(kitchen, cook, cooked):
    cook("1")
    kitchen.plan(refuse("AccessDeniedException", at=2))
    cook("2")
    with pytest.raises(botocore.exceptions.ClientError):
        cook("3")
    cook("4")

    assert cooked() == ["1", "2", "4"]


def test_times_says_how_many_calls_meet_a_fault(kitchen, cook, cooked):
    kitchen.plan(refuse("AccessDeniedException", times=2))
    for order in ("1", "2"):
        with pytest.raises(botocore.exceptions.ClientError):
            cook(order)
    cook("3")

    assert cooked() == ["3"]


def test_without_times_all_calls_from_there_on_meet_a_fault(kitchen, cook, cooked):
    kitchen.plan(refuse("AccessDeniedException", at=2, times=None))
    cook("1")
    for order in ("2", "3", "4"):
        with pytest.raises(botocore.exceptions.ClientError):
            cook(order)
    kitchen.plan()
    cook("5")

    assert cooked() == ["1", "5"]


def test_a_fault_can_be_for_one_operation_only(account, kitchen, cook, table):
    kitchen.plan(refuse("AccessDeniedException", operation="PutItem"))
    kitchen.client("dynamodb").get_item(TableName=table, Key=KEY)

    with pytest.raises(botocore.exceptions.ClientError):
        cook()

    assert _outcomes(account) == [("GetItem", "ok"), ("PutItem", "AccessDeniedException")]


@pytest.mark.parametrize(
    ("service", "call", "parameters", "operation"),
    [
        ("lambda", "invoke", {"FunctionName": "kitchen"}, "Invoke"),
        ("s3", "head_object", {"Bucket": "cloakroom", "Key": "coat"}, "HeadObject"),
        ("s3", "list_objects_v2", {"Bucket": "cloakroom"}, "ListObjectsV2"),
        ("sns", "list_topics", {}, "ListTopics"),
        ("events", "put_events", {"Entries": [{"Source": "s"}]}, "PutEvents"),
    ],
)
def test_operations_are_named_as_boto3_names_them(
    account, kitchen, service, call, parameters, operation
):
    kitchen.plan(refuse("AccessDenied", operation=operation))

    with pytest.raises(botocore.exceptions.ClientError):
        getattr(kitchen.client(service, config=ONCE), call)(**parameters)

    assert _outcomes(account)[0] == (operation, "AccessDenied")


def test_a_fault_is_met_by_its_caller_only(account, kitchen, queue):
    kitchen.plan(refuse("AccessDeniedException", times=None))

    account.client("sqs", caller="orders").send_message(QueueUrl=queue, MessageBody="x")
    account.client("sqs").list_queues()
    account.observer.client("sqs").list_queues()

    assert _outcomes(account) == [("SendMessage", "ok"), ("ListQueues", "ok")]


def test_faults_do_not_reach_the_log_of_the_observer(account, kitchen, queue):
    kitchen.plan(refuse(times=None))
    account.observer.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps({"id": 1}))

    assert account.calls == []


def test_many_callers_at_once_are_all_answered_and_all_logged(account, queue):
    callers = [account.caller(f"worker {n}") for n in range(8)]
    clients = [caller.client("sqs") for caller in callers]
    start = threading.Barrier(len(clients))

    def send(client) -> None:
        start.wait(10)
        for _ in range(5):
            client.send_message(QueueUrl=queue, MessageBody="x")

    with ThreadPoolExecutor(len(clients)) as threads:
        list(threads.map(send, clients))

    assert [call.number for call in account.calls] == list(range(1, 41))
    assert {call.caller for call in account.calls} == {caller.name for caller in callers}
