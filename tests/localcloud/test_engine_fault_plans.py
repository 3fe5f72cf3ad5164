"""A plan says which calls of which caller meet a fault."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import botocore.exceptions
import pytest
from botocore.config import Config

from localcloud import refuse

ONCE = Config(retries={"total_max_attempts": 1})
KEY = {"order_id": {"S": "17"}}


def _outcomes(account) -> list[tuple[str, str]]:
    return [(call.operation, call.outcome) for call in account.calls]


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
