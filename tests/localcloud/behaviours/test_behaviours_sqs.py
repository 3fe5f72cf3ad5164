"""What the course relies on in Amazon SQS: receiving, deleting, waiting, limits."""

import pytest
from botocore.exceptions import ClientError

MEBIBYTE = 1024 * 1024


def test_received_message_returns_after_its_visibility_timeout(world):
    queue = world.queue(VisibilityTimeout="4")
    queue.send("order 17")
    first = queue.receive()[0]

    assert queue.receive() == [], "in flight: nobody else gets it"
    world.let_pass(5)
    second = queue.receive()[0]

    assert second["MessageId"] == first["MessageId"]
    assert first["Attributes"]["ApproximateReceiveCount"] == "1"
    assert second["Attributes"]["ApproximateReceiveCount"] == "2"


def test_deleted_message_does_not_return(world):
    queue = world.queue(VisibilityTimeout="1")
    queue.send()
    queue.delete(queue.receive()[0])

    world.let_pass(2)

    assert queue.receive() == []


def test_visibility_timeout_can_be_extended_while_working(world):
    queue = world.queue(VisibilityTimeout="4")
    queue.send()
    handle = queue.receive()[0]["ReceiptHandle"]

    queue.sqs.change_message_visibility(
        QueueUrl=queue.url, ReceiptHandle=handle, VisibilityTimeout=10
    )
    world.let_pass(5)
    assert queue.receive() == [], "the first timeout is over, the new one is not"
    world.let_pass(6)

    assert len(queue.receive()) == 1


def test_visibility_timeout_of_zero_gives_a_message_back_at_once(world):
    queue = world.queue(VisibilityTimeout="300")
    queue.send()
    handle = queue.receive()[0]["ReceiptHandle"]

    queue.sqs.change_message_visibility(
        QueueUrl=queue.url, ReceiptHandle=handle, VisibilityTimeout=0
    )

    assert len(queue.receive()) == 1


def test_delayed_message_is_hidden_until_its_delay_is_over(world):
    queue = world.queue()
    queue.send("later", DelaySeconds=4)
    queue.send("now")

    assert queue.bodies() == ["now"]
    world.let_pass(5)

    assert queue.bodies() == ["later"]


def test_long_poll_answers_as_soon_as_a_message_can_be_received(world):
    queue = world.queue()
    queue.send("order 17", DelaySeconds=2)
    before = world.cloud.clock.now()

    received = queue.receive(WaitTimeSeconds=12)

    assert [message["Body"] for message in received] == ["order 17"]
    assert (world.cloud.clock.now() - before).total_seconds() < 8


def test_long_poll_of_an_empty_queue_ends_empty_when_its_time_is_over(world):
    queue = world.queue(ReceiveMessageWaitTimeSeconds="2")
    before = world.cloud.clock.now()

    reply = queue.sqs.receive_message(QueueUrl=queue.url)

    assert "Messages" not in reply
    assert (world.cloud.clock.now() - before).total_seconds() >= 1.9


def test_message_is_dropped_when_its_retention_is_over(world):
    queue = world.queue(MessageRetentionPeriod="3600")
    queue.send()
    world.let_pass(3590)
    assert queue.waiting() == 1

    world.let_pass(20)

    assert queue.receive() == []


def test_waiting_in_flight_and_delayed_messages_are_counted(world):
    queue = world.queue(VisibilityTimeout="300")
    queue.send("in flight")
    queue.receive()
    queue.send("waiting")
    queue.send("delayed", DelaySeconds=300)

    counts = {
        name: queue.attribute(f"ApproximateNumberOfMessages{name}")
        for name in ("", "NotVisible", "Delayed")
    }

    assert counts == {"": "1", "NotVisible": "1", "Delayed": "1"}


def test_message_attributes_and_trace_header_travel_with_the_message(world):
    queue = world.queue()
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    queue.send(
        MessageAttributes={"reply_to": {"DataType": "String", "StringValue": "replies"}},
        MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": trace}},
    )

    message = queue.receive(MessageAttributeNames=["All"])[0]

    assert message["MessageAttributes"]["reply_to"]["StringValue"] == "replies"
    assert message["Attributes"]["AWSTraceHeader"] == trace


def test_message_of_one_mebibyte_is_accepted_and_no_more(world):
    queue = world.queue(VisibilityTimeout="0")
    queue.send("x" * MEBIBYTE)
    assert len(queue.receive()[0]["Body"]) == MEBIBYTE

    with pytest.raises(ClientError) as refused:
        queue.send("x" * (MEBIBYTE + 1))

    assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"


def test_attributes_count_towards_the_size_of_a_message(world):
    queue = world.queue()
    attributes = {"n": {"DataType": "String", "StringValue": "v"}}
    weight = len("n" + "String" + "v")
    queue.send("x" * (MEBIBYTE - weight), MessageAttributes=attributes)

    with pytest.raises(ClientError) as refused:
        queue.send("x" * (MEBIBYTE - weight + 1), MessageAttributes=attributes)

    assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"


def _batch(*bodies: str) -> list[dict]:
    return [{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies)]


def _batch_error(queue, entries: list[dict]) -> str:
    with pytest.raises(ClientError) as refused:
        queue.sqs.send_message_batch(QueueUrl=queue.url, Entries=entries)
    return refused.value.response["Error"]["Code"].rpartition(".")[2]


def test_batch_holds_at_most_ten_messages(world):
    queue = world.queue()
    reply = queue.sqs.send_message_batch(QueueUrl=queue.url, Entries=_batch(*"0123456789"))
    assert len(reply["Successful"]) == 10

    assert _batch_error(queue, _batch(*"0123456789a")) == "TooManyEntriesInBatchRequest"


def test_batch_of_more_than_one_mebibyte_in_all_is_refused(world):
    queue = world.queue()

    assert _batch_error(queue, _batch("x" * MEBIBYTE, "y")) == "BatchRequestTooLong"
    assert queue.waiting() == 0


def test_batch_needs_distinct_ids(world):
    queue = world.queue()
    entries = [{"Id": "same", "MessageBody": body} for body in "ab"]

    assert _batch_error(queue, entries) == "BatchEntryIdsNotDistinct"


def test_batch_says_which_of_its_messages_failed(world):
    queue = world.queue()
    good, bad = _batch("good", "bad\x00")  # a character that SQS does not take

    reply = queue.sqs.send_message_batch(QueueUrl=queue.url, Entries=[good, bad])

    assert [entry["Id"] for entry in reply["Successful"]] == [good["Id"]]
    assert [entry["Id"] for entry in reply["Failed"]] == [bad["Id"]]
    assert queue.bodies() == ["good"]


def test_queue_can_be_created_twice_alike_but_not_differently(world):
    assert world.queue(VisibilityTimeout="30").url == world.queue(VisibilityTimeout="30").url

    with pytest.raises(ClientError) as refused:
        world.queue(VisibilityTimeout="31")

    assert refused.value.response["Error"]["Code"].endswith(
        ("QueueAlreadyExists", "QueueNameExists")
    )
