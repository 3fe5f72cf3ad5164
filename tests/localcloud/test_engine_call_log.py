"""Every AWS call is logged: who made it, of which service, on what, what came of it, what it was about."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

BODY = json.dumps({"order_id": 17})


def test_calls_are_numbered_and_timed_from_the_first_on(account, cloud, queue):
    sqs, before = account.client("sqs"), cloud.clock.now()
    for _ in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody=BODY)
    cloud.clock.advance(timedelta(hours=1))
    sqs.send_message(QueueUrl=queue, MessageBody=BODY)

    first, _, third, late = account.calls

    assert [call.number for call in account.calls] == [1, 2, 3, 4]
    assert before <= first.time <= third.time < before + timedelta(hours=1) <= late.time
    assert first.time.utcoffset() == timedelta(0)
    assert [call.number for call in account.calls_since(3)] == [4]


def test_calls_can_be_forgotten_and_count_from_one_again(account, queue):
    sqs = account.client("sqs")
    sqs.list_queues()
    account.forget_calls()
    sqs.send_message(QueueUrl=queue, MessageBody=BODY)

    assert [(call.number, call.operation) for call in account.calls] == [(1, "SendMessage")]


def test_calls_of_one_account_are_not_in_the_log_of_another(account, cloud):
    other = cloud.account()
    account.client("sqs").create_queue(QueueName="orders")

    assert [call.operation for call in account.calls] == ["CreateQueue"]
    assert other.calls == []


def test_what_the_observer_does_is_not_logged(account, queue):
    account.observer.client("sqs").send_message(QueueUrl=queue, MessageBody=BODY)

    assert account.calls == []


# --- who ---


def test_a_caller_is_known_by_its_session_token(account, queue):
    account.client("sqs", caller="orders").send_message(QueueUrl=queue, MessageBody=BODY)
    account.client("sqs", caller="kitchen").receive_message(QueueUrl=queue)
    account.client("sqs").list_queues()

    assert [call.caller for call in account.calls] == ["orders", "kitchen", "you"]


def test_a_caller_is_known_by_the_application_id_of_its_sdk(account, queue, monkeypatch):
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    boto3.Session().client("sqs", config=Config(user_agent_appid="kitchen")).list_queues()
    monkeypatch.setenv("AWS_SDK_UA_APP_ID", "loyalty-v2.1")
    boto3.Session().client("sqs").list_queues()
    monkeypatch.delenv("AWS_SDK_UA_APP_ID")
    boto3.Session().client("sqs").list_queues()

    assert [call.caller for call in account.calls] == ["kitchen", "loyalty-v2.1", "you"]


def test_a_process_with_a_callers_environment_is_that_caller(account, queue):
    program = "import boto3; boto3.client('sqs').list_queues()"
    environment = {**os.environ, **account.caller("orders").environment}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, timeout=60)

    assert [(call.caller, call.operation) for call in account.calls] == [("orders", "ListQueues")]


def test_a_lambda_function_calls_under_the_name_of_lambda(account, queue, lambda_package):
    functions = account.client("lambda")
    source = f"""
        import boto3

        def handler(event, context):
            boto3.client("sqs").send_message(QueueUrl={queue!r}, MessageBody="order 17")
    """
    functions.create_function(
        FunctionName="kitchen",
        Runtime="python3.12",
        Role=f"arn:aws:iam::{account.id}:role/any",
        Handler="index.handler",
        Code={"ZipFile": lambda_package(source)},
        Timeout=30,
    )
    reply = functions.invoke(FunctionName="kitchen")

    assert "FunctionError" not in reply
    assert {call.operation: call.caller for call in account.calls} == {
        "CreateFunction": "you",
        "SendMessage": "Lambda",
        "Invoke": "you",
    }


# --- SQS: which message ---


def test_each_sqs_call_tells_which_messages_it_was_about(account, queue):
    sqs = account.client("sqs")
    sent = sqs.send_message(QueueUrl=queue, MessageBody=BODY)["MessageId"]
    received = sqs.receive_message(QueueUrl=queue)["Messages"][0]
    handle = {"QueueUrl": queue, "ReceiptHandle": received["ReceiptHandle"]}
    sqs.change_message_visibility(**handle, VisibilityTimeout=60)
    sqs.delete_message(**handle)
    sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=0)

    assert [(call.operation, call.summary, call.messages) for call in account.calls] == [
        ("SendMessage", "order 17", (sent,)),
        ("ReceiveMessage", "order 17", (sent,)),
        ("ChangeMessageVisibility", "order 17", (sent,)),
        ("DeleteMessage", "order 17", (sent,)),
        ("ReceiveMessage", "empty", ()),
    ]
    assert {call.resource for call in account.calls} == {"orders"}


def test_each_sqs_batch_tells_which_messages_it_was_about(account, queue):
    sqs = account.client("sqs")
    entries = [{"Id": str(n), "MessageBody": json.dumps({"order_id": n})} for n in (17, 18)]
    sent = sqs.send_message_batch(QueueUrl=queue, Entries=entries)["Successful"]
    ids = tuple(entry["MessageId"] for entry in sent)
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    handles = [
        {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]}
        for n, message in enumerate(received)
    ]
    sqs.change_message_visibility_batch(
        QueueUrl=queue, Entries=[{**handle, "VisibilityTimeout": 60} for handle in handles]
    )
    sqs.delete_message_batch(QueueUrl=queue, Entries=handles)

    assert [call.summary for call in account.calls] == ["order 17, order 18"] * 4
    assert [sorted(call.messages) for call in account.calls] == [sorted(ids)] * 4


def test_many_messages_are_summed_up(account, queue):
    entries = [{"Id": str(n), "MessageBody": json.dumps({"order_id": n})} for n in range(10)]
    account.client("sqs").send_message_batch(QueueUrl=queue, Entries=entries)

    assert account.calls[0].summary == "order 0 … order 9 (10)"


@pytest.mark.parametrize(
    ("body", "summary"),
    [
        ('{"order_id": "17"}', "order 17"),
        ('{"orderId": 17}', "order 17"),
        ('{"specversion": "1.0", "id": "e1", "data": {"order_id": 17}}', "order 17"),
        ('{"specversion": "1.0", "id": "e1", "data": "text"}', "e1"),
        ('{"pizza": "Margherita"}', '“{"pizza": "Margherita"}”'),
        ("[1, 2]", "“[1, 2]”"),
        ("not JSON", "“not JSON”"),
        ("a text that goes on and on and on", "“a text that goes on and …”"),
        ("[" * 100_000, f"“{'[' * 24}…”"),  # too deep to be read
    ],
)
def test_a_body_is_named_by_its_id_or_by_its_beginning(account, queue, body, summary):
    account.client("sqs").send_message(QueueUrl=queue, MessageBody=body)

    assert account.calls[0].summary == summary


def test_an_error_of_sqs_is_logged_as_boto3_shows_it(account, queue):
    sqs = account.client("sqs")
    with pytest.raises(ClientError) as error:
        sqs.send_message(QueueUrl=queue + "-missing", MessageBody=BODY)

    call = account.calls[0]
    assert call.outcome == error.value.response["Error"]["Code"]
    assert (call.resource, call.messages) == ("orders-missing", ())
