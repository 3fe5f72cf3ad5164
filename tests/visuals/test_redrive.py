"""The model behind the redrive's playground says what a running engine does."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

import localcloud
from visuals import redrive
from visuals.redrive import redrive_picture, redrive_playground, simulate

LETTERS, NEW, LIMIT = 60, 8, 20


@pytest.fixture(scope="module")
def cloud():
    with localcloud.start() as cloud:
        yield cloud


def on_the_engine(cloud, velocity, concurrency, seconds):
    """Redrive with real calls; return what was asked, the backlog and the dead letters, by step."""
    sqs = cloud.account().client("sqs", caller="Lambda")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    dead_arn = attribute(sqs, dead, "QueueArn")
    policy = {"deadLetterTargetArn": dead_arn, "maxReceiveCount": redrive.RECEIVES}
    attributes = {"VisibilityTimeout": str(redrive.LOAN), "RedrivePolicy": json.dumps(policy)}
    url = sqs.create_queue(QueueName="queue", Attributes=attributes)["QueueUrl"]
    send(sqs, dead, LETTERS)
    sqs.start_message_move_task(
        SourceArn=dead_arn,
        DestinationArn=attribute(sqs, url, "QueueArn"),
        MaxNumberOfMessagesPerSecond=velocity,
    )
    invocations, seen = min(redrive.FIRST, concurrency), []
    for _ in range(0, seconds, redrive.STEP):
        send(sqs, url, NEW)
        cloud.clock.advance(timedelta(seconds=redrive.STEP))
        asked, more = 0, True
        for _ in range(invocations):
            reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=redrive.BATCH)
            batch = reply.get("Messages", [])
            for message in batch:
                asked += 1
                if asked <= LIMIT:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if len(batch) < redrive.BATCH:
                more = False
                break
        invocations = min(invocations + redrive.MORE if more else redrive.FIRST, concurrency)
        seen.append((asked, depth(sqs, url), depth(sqs, dead)))
    return seen


def attribute(sqs, url, name):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]


def depth(sqs, url):
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    return sum(int(attribute(sqs, url, name)) for name in names)


def send(sqs, url, number):
    for start in range(0, number, 10):
        sqs.send_message_batch(
            QueueUrl=url,
            Entries=[
                {"Id": str(i), "MessageBody": f"letter {i}"}
                for i in range(start, min(start + 10, number))
            ],
        )


@pytest.mark.parametrize("concurrency", [1000, 2])
def test_the_model_is_what_the_engine_does(cloud, concurrency):
    modelled = simulate(500, concurrency, LETTERS, NEW, LIMIT, seconds=110)
    assert [(m.asked, m.backlog, m.dead) for m in modelled] == on_the_engine(
        cloud, 500, concurrency, seconds=110
    )


def test_a_redrive_that_leaves_room_loses_no_letter_and_delays_nobody():
    moments = simulate(velocity=2, concurrency=1000)
    assert moments[-1].dead == moments[-1].backlog == 0
    assert max(m.waited for m in moments) == 0


def test_a_flood_leaves_dead_letters_and_a_narrow_consumer_only_a_wait():
    assert simulate(velocity=500, concurrency=1000)[-1].dead > 40
    narrow = simulate(velocity=500, concurrency=2)
    assert narrow[-1].dead == narrow[-1].backlog == 0
    assert max(m.waited for m in narrow) > 0


def test_a_redrive_without_speed_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        simulate(velocity=0, concurrency=2)


def test_the_picture_says_in_words_what_is_left():
    flood = redrive_picture(500, 1000).html
    assert "46 letters are dead at the end, 6 of them tonight's orders." in flood
    assert "1 letter a second" in redrive_picture(1, 2).html
    assert "No letter is left" in redrive_playground().picture(velocity=2).html
