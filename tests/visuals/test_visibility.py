"""The widget's model of SQS says what a running engine does."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

import localcloud
from visuals.visibility import simulate

STEP = 10  # seconds; every setting below is a multiple of it


@pytest.fixture(scope="module")
def cloud():
    with localcloud.start() as cloud:
        yield cloud


def on_the_engine(cloud, timeout, processing, orders, kitchens, max_receives):
    """Run the same evening with real calls; return its deliveries and its dead letters."""
    sqs = cloud.account().client("sqs", caller="kitchen")
    dead = sqs.create_queue(QueueName="orders-dlq")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    redrive = {"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": max_receives}
    attributes = {"VisibilityTimeout": str(timeout), "RedrivePolicy": json.dumps(redrive)}
    url = sqs.create_queue(QueueName="orders", Attributes=attributes)["QueueUrl"]
    for order in range(1, orders + 1):
        sqs.send_message(QueueUrl=url, MessageBody=str(order))

    def receive(queue):
        reply = sqs.receive_message(
            QueueUrl=queue, AttributeNames=["ApproximateReceiveCount"], VisibilityTimeout=timeout
        )
        return next(iter(reply.get("Messages", [])), None)

    deliveries, dead_letters, busy = [], {}, {}
    for now in range(0, 3600, STEP):
        for kitchen, (end, handle, at) in sorted(busy.items()):
            if end == now:
                del busy[kitchen]
                before = messages_in(sqs, url)
                # With an outdated handle this succeeds and deletes nothing.
                sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
                deliveries[at][-1] = messages_in(sqs, url) < before
        for kitchen in range(1, kitchens + 1):
            message = None if kitchen in busy else receive(url)
            if message:
                order = int(message["Body"])
                nth = int(message["Attributes"]["ApproximateReceiveCount"])
                busy[kitchen] = (now + processing, message["ReceiptHandle"], len(deliveries))
                deliveries.append([order, kitchen, nth, now, False])
        while message := receive(dead):
            dead_letters[int(message["Body"])] = now
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
        if not busy and not messages_in(sqs, url):
            return [tuple(d) for d in deliveries], dead_letters
        cloud.clock.advance(timedelta(seconds=STEP))
    raise AssertionError("The engine never came to an end.")


def messages_in(sqs, url):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


@pytest.mark.slow
@pytest.mark.parametrize("kitchens", [1, 2, 4])
@pytest.mark.parametrize("processing", [10, 40, 70])
@pytest.mark.parametrize("timeout", [10, 30])
def test_the_model_agrees_with_the_engine(cloud, timeout, processing, kitchens):
    settings = {"orders": 3, "kitchens": kitchens, "max_receives": 3}
    evening = simulate(timeout, processing, **settings)
    predicted = [(d.order, d.kitchen, d.nth, d.start, d.deleted) for d in evening.deliveries]
    assert on_the_engine(cloud, timeout, processing, **settings) == (
        predicted,
        evening.dead_letters,
    )


def test_enough_time_means_every_pizza_once():
    evening = simulate(timeout=60, processing=45, orders=5, kitchens=3)
    assert (len(evening.deliveries), evening.duplicates, evening.dead_letters) == (5, 0, {})


def test_too_little_time_cooks_again_and_still_ends_in_the_dead_letter_queue():
    evening = simulate(timeout=30, processing=45, orders=1, kitchens=2, max_receives=3)
    assert [(d.kitchen, d.start) for d in evening.deliveries] == [(1, 0), (2, 30), (1, 60)]
    assert (evening.duplicates, evening.dead_letters) == (2, {1: 90})


def test_without_an_idle_kitchen_nobody_takes_the_order_again():
    assert simulate(timeout=10, processing=80, orders=4, kitchens=1).duplicates == 0


def test_settings_below_one_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        simulate(timeout=0, processing=10)
