"""Only the body is sent on. The message attributes, which carry the trace, are lost with the redrive.

Loses: redrive, redrive-crash, notebook
"""

import time


def redrive(dlq_url, queue_url, per_second):
    while True:
        reply = sqs.receive_message(QueueUrl=dlq_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        if not reply.get("Messages"):
            return
        for message in reply["Messages"]:
            sqs.send_message(QueueUrl=queue_url, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=dlq_url, ReceiptHandle=message["ReceiptHandle"])
            time.sleep(1 / per_second)
