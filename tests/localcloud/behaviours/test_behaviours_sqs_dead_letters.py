"""What the course relies on in dead-letter queues and their redrive."""

import json

import pytest
from botocore.exceptions import ClientError


def _bury(queue, dead, *bodies: str) -> None:
    """Let messages fail until they are in the dead-letter queue of `queue` (one receive allowed)."""
    for body in bodies:
        queue.send(body)
    for _ in range(2):
        for _ in bodies:
            queue.receive(VisibilityTimeout=0)
    assert dead.waiting() == len(bodies)


def _latest_redrive(dead) -> dict:
    return dead.sqs.list_message_move_tasks(SourceArn=dead.arn)["Results"][0]


def _refused(call, **parameters) -> tuple[str, int]:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_message_received_too_often_moves_to_the_dead_letter_queue(world):
    queue, dead = world.queue_with_dead_letters(receives=3, VisibilityTimeout="0")
    sent = queue.send("a bad order")
    for _ in range(3):
        assert len(queue.receive()) == 1

    assert queue.receive() == []
    message = dead.receive()[0]

    assert message["Body"] == "a bad order"
    assert message["MessageId"] == sent["MessageId"]
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == queue.arn


def test_dead_letters_keep_the_age_they_had(world):
    dead = world.queue("orders-dlq", MessageRetentionPeriod="7200")
    policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 1})
    queue = world.queue(RedrivePolicy=policy, VisibilityTimeout="0")
    queue.send("a bad order")
    world.let_pass(5400)
    queue.receive()
    assert queue.receive() == []
    assert dead.waiting() == 1

    world.let_pass(2400)

    assert dead.receive() == [], "2 h 10 min after it was sent, 40 min after it was moved"


def test_dead_letter_queue_of_a_fifo_queue_must_be_fifo(world):
    standard = world.queue("orders-dlq")
    policy = json.dumps({"deadLetterTargetArn": standard.arn, "maxReceiveCount": 3})

    with pytest.raises(ClientError) as refused:
        world.fifo(RedrivePolicy=policy)

    assert refused.value.response["Error"]["Code"] == "InvalidParameterValue"


def test_fifo_group_goes_on_when_its_first_message_is_dead(world):
    dead = world.fifo("orders-dlq")
    policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 1})
    queue = world.fifo(RedrivePolicy=policy, VisibilityTimeout="0")
    for body in ("bad", "good"):
        queue.send(body, MessageGroupId="ada", MessageDeduplicationId=body)
    assert queue.receive()[0]["Body"] == "bad"

    received = queue.receive() or queue.receive()

    assert [message["Body"] for message in received] == ["good"]
    assert dead.bodies() == ["bad"]


def test_redrive_moves_dead_letters_back_to_where_they_came_from(world):
    queue, dead = world.queue_with_dead_letters(receives=1)
    _bury(queue, dead, "order 17", "order 18")

    queue.sqs.start_message_move_task(SourceArn=dead.arn)

    world.within(10, lambda: _latest_redrive(dead)["Status"] == "COMPLETED")
    assert _latest_redrive(dead)["ApproximateNumberOfMessagesMoved"] == 2
    assert dead.waiting() == 0
    assert sorted(queue.bodies()) == ["order 17", "order 18"]


def test_redrive_can_have_another_destination(world):
    queue, dead = world.queue_with_dead_letters(receives=1)
    repair = world.queue("repair")
    _bury(queue, dead, "order 17")

    queue.sqs.start_message_move_task(SourceArn=dead.arn, DestinationArn=repair.arn)

    assert world.within(10, repair.bodies) == ["order 17"]
    assert queue.bodies() == []


def test_redriven_message_counts_its_receives_anew(world):
    queue, dead = world.queue_with_dead_letters(receives=1)
    _bury(queue, dead, "order 17")
    dead.sqs.start_message_move_task(SourceArn=dead.arn)

    message = world.within(10, queue.receive)[0]

    assert message["Attributes"]["ApproximateReceiveCount"] == "1"


def test_redrive_moves_no_faster_than_asked(world):
    queue, dead = world.queue_with_dead_letters(receives=1)
    _bury(queue, dead, *(f"order {number}" for number in range(6)))
    before = world.cloud.clock.now()

    queue.sqs.start_message_move_task(SourceArn=dead.arn, MaxNumberOfMessagesPerSecond=1)

    assert queue.waiting() <= 3
    world.within(12, lambda: queue.waiting() == 6)
    assert (world.cloud.clock.now() - before).total_seconds() >= 4.5, "the first moves at once"


def test_redrive_fails_when_its_destination_is_deleted(world):
    queue, dead = world.queue_with_dead_letters(receives=1)
    _bury(queue, dead, *"abcd")
    queue.sqs.start_message_move_task(SourceArn=dead.arn, MaxNumberOfMessagesPerSecond=1)

    queue.sqs.delete_queue(QueueUrl=queue.url)

    world.within(10, lambda: _latest_redrive(dead)["Status"] == "FAILED")
    assert dead.waiting() >= 2, "what was not moved is still there"


def test_only_one_redrive_of_a_queue_runs_at_a_time(world):
    queue, dead = world.queue_with_dead_letters(receives=1)
    _bury(queue, dead, *"abc")
    start = queue.sqs.start_message_move_task
    start(SourceArn=dead.arn, MaxNumberOfMessagesPerSecond=1)

    assert _refused(start, SourceArn=dead.arn) == ("InvalidParameterValue", 400)


def test_redrive_can_be_cancelled_and_leaves_the_rest(world):
    queue, dead = world.queue_with_dead_letters(receives=1)
    _bury(queue, dead, *(f"order {number}" for number in range(10)))
    task = queue.sqs.start_message_move_task(SourceArn=dead.arn, MaxNumberOfMessagesPerSecond=1)

    queue.sqs.cancel_message_move_task(TaskHandle=task["TaskHandle"])
    world.within(10, lambda: _latest_redrive(dead)["Status"] == "CANCELLED")
    moved = queue.waiting()
    world.let_pass(3)

    assert moved < 10
    assert queue.waiting() == moved
    assert dead.waiting() == 10 - moved


def test_redrive_needs_a_queue_that_is_a_dead_letter_queue(world):
    plain = world.queue("plain")

    assert _refused(plain.sqs.start_message_move_task, SourceArn=plain.arn) == (
        "InvalidParameterValue",
        400,
    )


def test_redrive_needs_queues_that_exist(world):
    queue, dead = world.queue_with_dead_letters(receives=1)
    start, missing = queue.sqs.start_message_move_task, dead.arn + "-missing"

    assert _refused(start, SourceArn=missing) == ("ResourceNotFoundException", 404)
    assert _refused(start, SourceArn=dead.arn, DestinationArn=missing) == (
        "ResourceNotFoundException",
        404,
    )


def test_redrive_refuses_an_impossible_speed(world):
    queue, dead = world.queue_with_dead_letters(receives=1)

    for speed in (0, 501):
        assert _refused(
            queue.sqs.start_message_move_task,
            SourceArn=dead.arn,
            MaxNumberOfMessagesPerSecond=speed,
        ) == ("InvalidParameterValue", 400)


def test_cancelling_an_unknown_redrive_is_refused(world):
    sqs = world.client("sqs")

    assert _refused(sqs.cancel_message_move_task, TaskHandle="nonsense") == (
        "InvalidParameterValue",
        400,
    )
