"""Fills a batch up to 1 MiB and counts characters; SQS counts bytes.

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


def send_some(dlq_url, queue_url, messages):
    """Send messages in one call; delete those that SQS took."""
    entries = [
        {
            "Id": str(number),
            "MessageBody": message["Body"],
            "MessageAttributes": message.get("MessageAttributes", {}),
        }
        for number, message in enumerate(messages)
    ]
    sent = sqs.send_message_batch(QueueUrl=queue_url, Entries=entries)
    for entry in sent.get("Successful", []):
        handle = messages[int(entry["Id"])]["ReceiptHandle"]
        sqs.delete_message(QueueUrl=dlq_url, ReceiptHandle=handle)


LARGEST_BATCH = 1 << 20


def batches(messages, most):
    """As many to a batch as SQS takes: `most`, and 1 MiB."""
    batch, size = [], 0
    for message in messages:
        length = len(message["Body"]) + 5000  # and its attributes
        if batch and (len(batch) == most or size + length > LARGEST_BATCH):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += length
    yield batch


def redrive(dlq_url, queue_url, per_second):
    size = min(10, per_second)
    while messages := receive(dlq_url):
        for batch in batches(messages, size):
            send_some(dlq_url, queue_url, batch)
            time.sleep(1)
