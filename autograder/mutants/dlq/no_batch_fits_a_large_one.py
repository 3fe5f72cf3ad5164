"""Works out how many of the largest fit into a batch, to be sure in four bytes a character: of one that is
larger than a quarter of a batch, none does.

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


def redrive(dlq_url, queue_url, per_second):
    while messages := receive(dlq_url):
        # As many as are sure to fit, in bytes: a character has up to four.
        largest = max(4 * len(message["Body"]) + 1000 for message in messages)
        size = min(10, per_second, LARGEST_BATCH // largest)
        for start in range(0, len(messages), size):
            send_some(dlq_url, queue_url, messages[start : start + size])
            time.sleep(1)
