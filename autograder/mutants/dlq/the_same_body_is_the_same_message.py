"""Moves the letters by hand and drops what it has moved before, as it believes: two messages with the same
body. Their attributes are others.

Loses: redrive, redrive-crash, notebook
"""

import time


def redrive(dlq_url, queue_url, per_second):
    moved = set()
    while True:
        messages = sqs.receive_message(
            QueueUrl=dlq_url,
            MaxNumberOfMessages=min(10, per_second),
            MessageAttributeNames=["All"],
            WaitTimeSeconds=1,
            VisibilityTimeout=60,
        ).get("Messages", [])
        if not messages:
            return
        for message in messages:
            if message["MD5OfBody"] not in moved:
                sqs.send_message(
                    QueueUrl=queue_url,
                    MessageBody=message["Body"],
                    MessageAttributes=message.get("MessageAttributes", {}),
                )
                moved.add(message["MD5OfBody"])
            sqs.delete_message(QueueUrl=dlq_url, ReceiptHandle=message["ReceiptHandle"])
            time.sleep(1 / per_second)
