"""A played function answers as Lambda does, and its invocations break as any other call does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

import localcloud

SOURCE = """
import os
import time

import boto3

dynamodb = boto3.client("dynamodb")


def charge(event, context):
    if event["amount"] > 100:
        raise ValueError("over the limit")
    item = {"order_id": {"S": event["order_id"]}, "time": {"N": str(time.time())}}
    dynamodb.put_item(TableName=os.environ["CHARGES"], Item=item)
    return {"charged": event["amount"], "by": context.function_name}
"""
Invoke = Callable[..., Any]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "payments.py"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def play(account: localcloud.Account, table: str, source: Path) -> Callable[..., None]:
    """Return a function that puts ``payments`` there, with failures."""

    def put(*failures: localcloud.Failure, name: str = "payments") -> None:
        account.function(name, source, "charge", {"CHARGES": table}, failures)

    return put


@pytest.fixture
def saga(account: localcloud.Account) -> localcloud.Caller:
    return account.caller("saga")


@pytest.fixture
def invoke(saga: localcloud.Caller) -> Invoke:
    """Return a function that charges an order's amount, and returns Lambda's reply and its payload."""
    client = saga.client("lambda", config=Config(retries={"total_max_attempts": 1}))

    def call(amount: object = 18, order: str = "17", name: str = "payments", **more: Any) -> Any:
        event = {"action": "charge", "order_id": order, "amount": amount}
        reply = client.invoke(FunctionName=name, Payload=json.dumps(event), **more)
        payload = reply["Payload"].read()
        return reply, json.loads(payload) if payload else None

    return call


def test_it_answers_with_what_its_handler_returns(play, invoke, cooked):
    play()

    reply, answer = invoke()

    assert (reply["StatusCode"], reply["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in reply
    assert answer == {"charged": 18, "by": "payments"}
    assert cooked() == ["17"]


def test_what_it_raises_is_an_unhandled_function_error(play, invoke, cooked):
    play()

    reply, answer = invoke(amount=101)

    assert (reply["StatusCode"], reply["FunctionError"]) == (200, "Unhandled")
    assert (answer["errorType"], answer["errorMessage"]) == ("ValueError", "over the limit")
    assert [line.split(",")[0].strip() for line in answer["stackTrace"]] == [
        'File "/var/task/payments.py"'
    ]
    assert cooked() == []


def test_it_is_found_by_name_and_by_arn_in_its_own_account_only(cloud, account, play, invoke):
    play()
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:payments"

    assert invoke(name=arn)[1] == invoke(name=f"{arn}:$LATEST")[1] == invoke()[1]
    for world, name in ((account, "kitchen"), (cloud.account(), "payments")):
        client = world.client("lambda")
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.invoke(FunctionName=name)


def test_an_event_is_accepted_and_done_later(play, invoke, cooked, account):
    play()

    reply, answer = invoke(InvocationType="Event")

    assert (reply["StatusCode"], answer) == (202, None)
    invoke(order="18")  # one at a time: by now the first is done
    assert cooked() == ["17", "18"]


def test_a_dry_run_does_nothing(play, invoke, cooked):
    play()

    assert invoke(InvocationType="DryRun")[0]["StatusCode"] == 204
    assert cooked() == []


def test_a_payload_that_is_not_json_is_refused(play, account):
    play()

    with pytest.raises(ClientError) as refused:
        account.client("lambda").invoke(FunctionName="payments", Payload=b"{")

    assert refused.value.response["Error"]["Code"] == "InvalidRequestContentException"


def test_it_lives_on_emulated_time(cloud, account, play, invoke, table):
    play()
    cloud.clock.advance(timedelta(days=7))

    invoke()

    item = account.observer.client("dynamodb").scan(TableName=table)["Items"][0]
    assert abs(float(item["time"]["N"]) - cloud.clock.now().timestamp()) < 60


def test_accounts_share_the_code_and_nothing_else(cloud, play, invoke, source, cooked):
    play()
    other = cloud.account()
    other.function("payments", source, "charge", {"CHARGES": "elsewhere"})

    reply = other.client("lambda").invoke(
        FunctionName="payments", Payload=json.dumps({"order_id": "18", "amount": 1})
    )

    assert json.loads(reply["Payload"].read())["errorType"] == "ResourceNotFoundException"
    invoke()
    assert cooked() == ["17"]


def test_its_failures_meet_the_events_they_are_meant_for(play, invoke, cooked):
    timeout = {"error": "Sandbox.Timedout", "message": "Task timed out after 3.00 seconds"}
    play(
        localcloud.Failure(**timeout, where={"order_id": "17"}, times=2),
        localcloud.Failure("Hiccup", when="after", where={"order_id": "18"}),
    )

    assert invoke(order="19")[1]["charged"] == 18
    for _ in range(2):
        reply, answer = invoke(order="17")
        assert reply["FunctionError"] == "Unhandled"
        assert answer["errorType"] == "Sandbox.Timedout"
    assert cooked() == ["19"]
    assert invoke(order="18")[1]["errorType"] == "Hiccup"
    assert cooked() == ["18", "19"]
    assert invoke(order="17")[1] == invoke(order="18")[1]


def test_its_name_is_taken(play, account, lambda_package):
    play()

    with pytest.raises(ClientError) as refused:
        account.client("lambda").create_function(
            FunctionName="payments",
            Runtime="python3.12",
            Handler="index.handler",
            Role=f"arn:aws:iam::{account.id}:role/any",
            Code={"ZipFile": lambda_package("")},
        )

    assert refused.value.response["Error"]["Code"] == "ResourceConflictException"


def test_the_log_says_what_it_was_asked_and_what_it_raised(play, invoke, account):
    play()

    invoke()
    invoke(amount=101)

    assert [
        (c.caller, c.service, c.operation, c.resource, c.summary, c.outcome) for c in account.calls
    ] == [
        ("saga", "lambda", "Invoke", "payments", "charge order 17", "ok"),
        ("saga", "lambda", "Invoke", "payments", "charge order 17", "ValueError"),
    ]


def test_its_invocations_are_throttled_and_their_replies_lost_like_any_call(
    play, invoke, saga, cooked
):
    play()
    saga.plan(localcloud.refuse(at=1), localcloud.lose_reply(at=2))

    with pytest.raises(ClientError) as refused:
        invoke()
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert cooked() == []
    with pytest.raises(ConnectionClosedError):
        invoke()
    assert cooked() == ["17"]


def test_a_role_may_invoke_what_its_policy_allows(source):
    def allowing(arn: str) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": arn}
        return {"Version": "2012-10-17", "Statement": [statement]}

    with localcloud.start(iam=True) as cloud:
        account = cloud.account()
        account.observer.client("dynamodb").create_table(
            TableName="charges",
            KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "order_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        account.function("payments", source, "charge", {"CHARGES": "charges"})
        payments = f"arn:aws:lambda:us-east-1:{account.id}:function:payments"
        saga = account.caller("saga", policy=allowing(payments)).client("lambda")
        thief = account.caller("thief", policy=allowing(payments + "s")).client("lambda")
        event = {"order_id": "17", "amount": 18}

        reply = saga.invoke(FunctionName="payments", Payload=json.dumps(event))
        with pytest.raises(ClientError) as refused:
            thief.invoke(FunctionName="payments", Payload=json.dumps({**event, "order_id": "18"}))

        assert json.loads(reply["Payload"].read())["charged"] == 18
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
        charges = account.observer.client("dynamodb").scan(TableName="charges")["Items"]
        assert [item["order_id"]["S"] for item in charges] == ["17"]


ECHO = """
def echo(event, context):
    return event["say"]
"""


@pytest.mark.parametrize("said, heard", [("Zoë", "Zoë"), ("\ud83c!", "?!")])
def test_other_letters_are_not_escaped_and_half_a_letter_is_no_accident(
    account, saga, tmp_path, said, heard
):
    source = tmp_path / "echo.py"
    source.write_text(ECHO)
    account.function("echo", source, "echo")

    reply = saga.client("lambda").invoke(FunctionName="echo", Payload=json.dumps({"say": said}))

    assert reply["Payload"].read() == f'"{heard}"'.encode()
