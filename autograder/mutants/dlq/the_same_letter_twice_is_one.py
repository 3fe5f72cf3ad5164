"""Two messages with the same body and the same attributes are the same message to it; the second is deleted.

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
    """One that comes again, because it was hidden for too short a time, is not sent again."""
    sent = set()
    while messages := receive(dlq_url):
        for message in messages:
            same = message["MD5OfBody"], message.get("MD5OfMessageAttributes")
            if same in sent:
                sqs.delete_message(QueueUrl=dlq_url, ReceiptHandle=message["ReceiptHandle"])
                continue
            move(dlq_url, queue_url, message)
            sent.add(same)
            time.sleep(1 / per_second)
