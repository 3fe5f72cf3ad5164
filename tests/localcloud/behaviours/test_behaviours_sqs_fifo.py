"""What the course relies on in SQS FIFO queues: order, groups, deduplication."""

import pytest
from botocore.exceptions import ClientError


def test_fifo_delivers_a_group_in_the_order_it_was_sent(world):
    queue = world.fifo()
    for number in range(5):
        queue.send(f"order {number}", MessageGroupId="ada", MessageDeduplicationId=str(number))

    received = [body for _ in range(5) for body in queue.bodies(at_most=1)]

    assert received == [f"order {number}" for number in range(5)]


def test_fifo_group_waits_while_one_of_its_messages_is_in_flight(world):
    queue = world.fifo(VisibilityTimeout="4")
    for group, body in (("ada", "ada-1"), ("ada", "ada-2"), ("bob", "bob-1")):
        queue.send(body, MessageGroupId=group, MessageDeduplicationId=body)

    first = queue.receive()[0]
    other = queue.receive()[0]
    assert (first["Body"], other["Body"]) == ("ada-1", "bob-1"), "another group does not wait"
    assert queue.receive() == [], "ada-2 waits for ada-1"

    world.let_pass(5)
    assert queue.receive()[0]["Body"] == "ada-1", "not deleted, so it comes first again"


def test_fifo_group_goes_on_once_its_message_is_deleted(world):
    queue = world.fifo(VisibilityTimeout="300")
    for body in ("ada-1", "ada-2"):
        queue.send(body, MessageGroupId="ada", MessageDeduplicationId=body)

    queue.delete(queue.receive()[0])

    assert queue.receive()[0]["Body"] == "ada-2"


def test_fifo_takes_a_deduplication_id_once_and_says_yes_twice(world):
    queue = world.fifo()
    first = queue.send("order 17", MessageGroupId="ada", MessageDeduplicationId="17")
    again = queue.send("order 17", MessageGroupId="ada", MessageDeduplicationId="17")

    assert again["MessageId"] == first["MessageId"]
    assert queue.bodies() == ["order 17"]
    assert queue.bodies() == []


def test_fifo_remembers_a_deduplication_id_after_the_message_is_deleted(world):
    queue = world.fifo()
    queue.send("order 17", MessageGroupId="ada", MessageDeduplicationId="17")
    assert queue.bodies() == ["order 17"]

    queue.send("order 17", MessageGroupId="ada", MessageDeduplicationId="17")

    assert queue.bodies() == []


def test_fifo_forgets_a_deduplication_id_after_five_minutes(world):
    queue = world.fifo()
    queue.send("order 17", MessageGroupId="ada", MessageDeduplicationId="17")
    assert queue.bodies() == ["order 17"]
    world.let_pass(285)
    queue.send("order 17", MessageGroupId="ada", MessageDeduplicationId="17")
    assert queue.bodies() == [], "15 seconds less, and it is still a duplicate"

    world.let_pass(16)
    queue.send("order 17", MessageGroupId="ada", MessageDeduplicationId="17")

    assert queue.bodies() == ["order 17"]


def test_fifo_can_deduplicate_by_content(world):
    queue = world.fifo(ContentBasedDeduplication="true")
    for body in ("order 17", "order 17", "order 18"):
        queue.send(body, MessageGroupId="ada")

    assert queue.bodies(at_most=1) + queue.bodies(at_most=1) == ["order 17", "order 18"]
    assert queue.bodies() == []


def test_fifo_message_needs_a_group(world):
    queue = world.fifo(ContentBasedDeduplication="true")

    with pytest.raises(ClientError) as refused:
        queue.send("order 17")

    assert refused.value.response["Error"]["Code"] == "MissingParameter"
