"""SendMessageBatch answers without an error also when SQS took only some of the entries: what is in
Failed is deleted from the dead-letter queue and in no queue any more.

Loses: redrive-crash
"""

import time


def redrive(dlq_url, queue_url, per_second):
    while True:
        messages = sqs.receive_message(
            QueueUrl=dlq_url,
            MaxNumberOfMessages=min(2, per_second),
            MessageAttributeNames=["All"],
            WaitTimeSeconds=1,
        ).get("Messages", [])
        if not messages:
            return
        to_send, to_delete = [], []
        for number, message in enumerate(messages):
            attributes = message.get("MessageAttributes", {})
            to_send.append(
                {
                    "Id": str(number),
                    "MessageBody": message["Body"],
                    "MessageAttributes": attributes,
                }
            )
            to_delete.append({"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]})
        sqs.send_message_batch(QueueUrl=queue_url, Entries=to_send)
        sqs.delete_message_batch(QueueUrl=dlq_url, Entries=to_delete)
        time.sleep(1)
