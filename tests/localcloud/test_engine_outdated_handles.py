"""A delete with the receipt handle of an earlier receive succeeds and deletes nothing, as on AWS."""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from localcloud import Account, Cloud


@pytest.fixture
def handles(account: Account, cloud: Cloud, queue: str) -> tuple[str, str]:
    """The receipt handles of two receives of one message, the first of them outdated."""
    sqs = account.client("sqs", caller="cook")
    sqs.send_message(QueueUrl=queue, MessageBody='{"order_id": "17"}')
    (first,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    cloud.clock.advance(timedelta(seconds=31))
    (second,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    return first["ReceiptHandle"], second["ReceiptHandle"]


def left(account: Account, queue: str) -> str:
    names = ["ApproximateNumberOfMessagesNotVisible"]
    sqs = account.observer.client("sqs")
    return sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"][names[0]]


def test_an_outdated_handle_deletes_nothing_and_the_log_says_so(account, queue, handles):
    account.client("sqs", caller="cook").delete_message(QueueUrl=queue, ReceiptHandle=handles[0])
    assert left(account, queue) == "1"
    last = account.calls[-1]
    assert (last.outcome, last.summary) == ("ok", "order 17, outdated handle")
    assert last.messages == ()


def test_in_a_batch_an_outdated_handle_counts_as_deleted_and_nonsense_as_failed(
    account, queue, handles
):
    entries = [
        {"Id": "outdated", "ReceiptHandle": handles[0]},
        {"Id": "nonsense", "ReceiptHandle": "nonsense"},
    ]
    reply = account.client("sqs").delete_message_batch(QueueUrl=queue, Entries=entries)
    assert [entry["Id"] for entry in reply["Successful"]] == ["outdated"]
    assert [entry["Id"] for entry in reply["Failed"]] == ["nonsense"]
    assert left(account, queue) == "1"


def test_the_latest_handle_deletes(account, queue, handles):
    account.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=handles[1])
    assert left(account, queue) == "0"


def test_a_handle_that_is_none_is_refused(account, queue):
    with pytest.raises(ClientError, match="ReceiptHandleIsInvalid"):
        account.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle="nonsense")
