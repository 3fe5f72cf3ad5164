"""One receive looks like all of them while testing with three messages; it is ten at most.

Loses: redrive, notebook
"""

import time


def redrive(dlq_url, queue_url, per_second):
    reply = sqs.receive_message(
        QueueUrl=dlq_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], WaitTimeSeconds=1
    )
    for message in reply.get("Messages", []):
        sqs.send_message(
            QueueUrl=queue_url,
            MessageBody=message["Body"],
            MessageAttributes=message.get("MessageAttributes", {}),
        )
        sqs.delete_message(QueueUrl=dlq_url, ReceiptHandle=message["ReceiptHandle"])
        time.sleep(1 / per_second)
