"""Everything is moved as fast as the calls go: the kitchen is flooded by what broke it.

Loses: redrive, notebook
"""


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
            sqs.send_message(
                QueueUrl=queue_url,
                MessageBody=message["Body"],
                MessageAttributes=message.get("MessageAttributes", {}),
            )
            sqs.delete_message(QueueUrl=dlq_url, ReceiptHandle=message["ReceiptHandle"])
