"""Fewer than ten look like the rest of them. SQS returns fewer at any time, however many there are.

Loses: redrive, notebook
"""

import time


def redrive(dlq_url, queue_url, per_second):
    while True:
        reply = sqs.receive_message(
            QueueUrl=dlq_url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            WaitTimeSeconds=1,
        )
        messages = reply.get("Messages", [])
        for message in messages:
            sqs.send_message(
                QueueUrl=queue_url,
                MessageBody=message["Body"],
                MessageAttributes=message.get("MessageAttributes", {}),
            )
            sqs.delete_message(QueueUrl=dlq_url, ReceiptHandle=message["ReceiptHandle"])
            time.sleep(1 / per_second)
        if len(messages) < 10:
            return
