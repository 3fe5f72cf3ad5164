"""Ten messages to a batch, but a batch may have 1 MiB in all. With large ones, the same ten are refused
again and again.

Loses: redrive, notebook
"""

import time


def redrive(dlq_url, queue_url, per_second):
    size = min(10, per_second)
    while found := sqs.receive_message(
        QueueUrl=dlq_url, MaxNumberOfMessages=size, MessageAttributeNames=["All"], WaitTimeSeconds=1
    ).get("Messages"):
        entries = [
            {
                "Id": m["MessageId"],
                "MessageBody": m["Body"],
                "MessageAttributes": m.get("MessageAttributes", {}),
            }
            for m in found
        ]
        sent = sqs.send_message_batch(QueueUrl=queue_url, Entries=entries)
        taken = [entry["Id"] for entry in sent.get("Successful", [])]
        for message in found:
            if message["MessageId"] in taken:
                sqs.delete_message(QueueUrl=dlq_url, ReceiptHandle=message["ReceiptHandle"])
        time.sleep(1.05)
