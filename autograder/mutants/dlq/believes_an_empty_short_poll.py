"""Stops at the first empty reply of a short poll, which asks only some of the servers that have the queue.

Loses: redrive, notebook
"""

import time


def receive(dlq_url, **more):
    """Some messages of a queue; none: it is empty."""
    reply = sqs.receive_message(
        QueueUrl=dlq_url,
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        **more,
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
    while messages := receive(dlq_url):
        for message in messages:
            move(dlq_url, queue_url, message)
            time.sleep(1 / per_second)
