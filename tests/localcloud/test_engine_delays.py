"""A message can be delayed by 15 minutes at most, as on AWS."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


def test_a_message_may_be_delayed_by_15_minutes_and_no_more(account, queue):
    sqs = account.client("sqs")
    sqs.send_message(QueueUrl=queue, MessageBody="order 17", DelaySeconds=900)
    with pytest.raises(ClientError) as refused:
        sqs.send_message(QueueUrl=queue, MessageBody="order 18", DelaySeconds=901)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"


def test_in_a_batch_only_the_one_that_is_delayed_too_long_fails(account, queue):
    entries = [
        {"Id": str(seconds), "MessageBody": "order 17", "DelaySeconds": seconds}
        for seconds in (0, 900, 901)
    ]
    reply = account.client("sqs").send_message_batch(QueueUrl=queue, Entries=entries)
    assert [entry["Id"] for entry in reply["Successful"]] == ["0", "900"]
    assert [(entry["Id"], entry["Code"]) for entry in reply["Failed"]] == [
        ("901", "InvalidParameterValue")
    ]
