"""Batches of ten with a pause of 10 / per_second keep the rate on average. They arrive ten at a time:
at 15 a second the second batch comes within a second of the first.

Loses: redrive, notebook
"""

import time


def redrive(dlq_url, queue_url, per_second):
    size = min(10, per_second)
    while True:
        messages = sqs.receive_message(
            QueueUrl=dlq_url,
            MaxNumberOfMessages=size,
            MessageAttributeNames=["All"],
            WaitTimeSeconds=1,
        ).get("Messages", [])
        if not messages:
            return
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
        time.sleep(size / per_second)
