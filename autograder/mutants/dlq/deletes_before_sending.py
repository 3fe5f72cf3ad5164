"""A message is taken out of the dead-letter queue before it is put into the other: killed in between,
it is in neither.

Loses: redrive-crash
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
        if not reply.get("Messages"):
            return
        for message in reply["Messages"]:
            sqs.delete_message(QueueUrl=dlq_url, ReceiptHandle=message["ReceiptHandle"])
            sqs.send_message(
                QueueUrl=queue_url,
                MessageBody=message["Body"],
                MessageAttributes=message.get("MessageAttributes", {}),
            )
            time.sleep(1 / per_second)
