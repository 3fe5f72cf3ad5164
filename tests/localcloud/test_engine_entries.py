"""Batches of which AWS takes only some entries: answered as the real service would."""

from __future__ import annotations

import json

import pytest

from localcloud import entries, receive_few, refuse_entries


@pytest.fixture
def orders(account):
    return account.caller("orders")


def _outcomes(account) -> list[str]:
    return [call.outcome for call in account.calls if call.caller == "orders"]


def test_put_events_answers_each_entry_in_its_place(account, orders):
    events = [{"Source": "s", "DetailType": "d", "Detail": json.dumps({"n": n})} for n in range(3)]
    orders.plan(refuse_entries(2, at=1))
    reply = orders.client("events").put_events(Entries=events)

    assert reply["FailedEntryCount"] == 1
    assert ["ErrorCode" in entry for entry in reply["Entries"]] == [False, True, False]
    assert _outcomes(account) == ["entry 2 of 3 not taken"]


def test_a_batch_of_messages_lists_what_failed_and_sends_the_rest(account, orders):
    sqs = orders.client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    orders.plan(refuse_entries(1, operation="SendMessageBatch"))
    batch = [{"Id": f"id{n}", "MessageBody": str(n)} for n in range(3)]
    reply = sqs.send_message_batch(QueueUrl=queue, Entries=batch)

    assert [entry["Id"] for entry in reply["Failed"]] == ["id0"]
    assert [entry["Id"] for entry in reply["Successful"]] == ["id1", "id2"]
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert {message["Body"] for message in received} == {"1", "2"}


def test_items_that_were_not_written_come_back_as_they_were_given(account, orders):
    dynamodb = orders.client("dynamodb")
    account.client("dynamodb").create_table(
        TableName="written",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    writes = [{"PutRequest": {"Item": {"id": {"S": str(n)}}}} for n in range(2)]
    orders.plan(refuse_entries(at=1))
    reply = dynamodb.batch_write_item(RequestItems={"written": writes})

    assert reply["UnprocessedItems"] == {"written": writes}
    assert _outcomes(account) == ["no entry taken"]
    assert dynamodb.scan(TableName="written")["Items"] == []
    assert dynamodb.batch_write_item(RequestItems={"written": writes})["UnprocessedItems"] == {}
    assert len(dynamodb.scan(TableName="written")["Items"]) == 2


def test_a_call_without_entries_has_none():
    assert entries.count("PutItem", {"Entries": [1, 2]}) == 0
    assert entries.count("PutEvents", {"Entries": "nonsense"}) == 0


def test_a_receive_may_return_fewer_messages_than_there_are(account, orders):
    sqs = orders.client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    for number in range(5):
        sqs.send_message(QueueUrl=queue, MessageBody=str(number))
    orders.plan(receive_few(2, times=None))
    received = [
        sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=most).get("Messages", [])
        for most in (10, 1, 10, 10)
    ]
    assert [len(messages) for messages in received] == [2, 1, 2, 0]
    assert sqs.receive_message(QueueUrl=queue).get("Messages", []) == []


def test_a_short_poll_may_return_nothing_although_there_is_something(account, orders):
    sqs = orders.client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="1")

    orders.plan(receive_few(0, times=None))
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    assert len(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)["Messages"]) == 1
