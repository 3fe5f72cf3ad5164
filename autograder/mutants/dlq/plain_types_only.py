"""Copies attributes by their type, and knows the three types without the labels that a sender may add.

Loses: redrive, redrive-crash, notebook
"""

import time


def attributes_of(message):
    """The attributes as send_message wants them: the lists that SQS does not support are left out."""
    attributes = {}
    for name, value in message.get("MessageAttributes", {}).items():
        field = "BinaryValue" if value["DataType"] == "Binary" else "StringValue"
        attributes[name] = {"DataType": value["DataType"], field: value[field]}
    return attributes


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
        MessageAttributes=attributes_of(message),
    )
    sqs.delete_message(QueueUrl=dlq_url, ReceiptHandle=message["ReceiptHandle"])


def redrive(dlq_url, queue_url, per_second):
    while messages := receive(dlq_url):
        for message in messages:
            move(dlq_url, queue_url, message)
            time.sleep(1 / per_second)
