"""The widget's model of SQS says what a running engine does."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

import localcloud
from visuals.visibility import simulate

STEP = 5  # seconds; every setting below is a multiple of it


@pytest.fixture(scope="module")
def cloud():
    with localcloud.start() as cloud:
        yield cloud


def on_the_engine(cloud, timeout, processing, orders, kitchens, max_receives):
    """Run the same evening with real calls; return its deliveries and dead letters as plain tuples."""
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
                try:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
                except sqs.exceptions.ReceiptHandleIsInvalid:
                    pass  # MiniStack says so; AWS says nothing and deletes nothing
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


@pytest.mark.parametrize("kitchens", [1, 2, 3])
@pytest.mark.parametrize("processing", [10, 30, 45, 70])
@pytest.mark.parametrize("timeout", [10, 30, 60])
def test_the_model_agrees_with_the_engine(cloud, timeout, processing, kitchens):
    settings = {"orders": 3, "kitchens": kitchens, "max_receives": 3}
    evening = simulate(timeout, processing, **settings)
    predicted = [(d.order, d.kitchen, d.nth, d.start, d.deleted) for d in evening.deliveries]
    assert on_the_engine(cloud, timeout, processing, **settings) == (
        predicted,
        evening.dead_letters,
    )
