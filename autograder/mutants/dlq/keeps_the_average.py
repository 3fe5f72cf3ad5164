"""Sends each message when it is due since the beginning. After a call that took long, many are due at once.

Loses: redrive, notebook
"""

import time


def receive(dlq_url, **more):
    """Some messages of a queue; none: it is empty."""
    reply = sqs.receive_message(
        QueueUrl=dlq_url,
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        **{"WaitTimeSeconds": 2, **more},
    )
    return reply.get("Messages", [])


def move(dlq_url, queue_url, message):
    """Send first, delete after: a crash in between makes a duplicate and loses nothing."""
    sqs.send_message(
        QueueUrl=queue_url,
        MessageBody=message["Body"],
        MessageAttributes=message.get("MessageAttributes", {}),
    )
    sqs.delete_message(QueueUrl=dlq_url, ReceiptHandle=message["ReceiptHandle"])


def redrive(dlq_url, queue_url, per_second):
    began, moved = None, 0
    while messages := receive(dlq_url):
        for message in messages:
            # By the clock and not by a pause: what the calls take does not slow it down.
            # A little slower than asked for, to be on the safe side.
            began = began or time.monotonic()
            due = began + 1.05 * moved / per_second
            time.sleep(max(0.0, due - time.monotonic()))
            move(dlq_url, queue_url, message)
            moved += 1
