"""The handler deletes each message itself, before it cooks, “so that it is not delivered twice”. What
happens after that is delivered never again.

Loses: refused, crash
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            order = parse_order(record["body"])
            name = record["eventSourceARN"].rsplit(":", 1)[1]
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            sqs.delete_message(QueueUrl=url, ReceiptHandle=record["receiptHandle"])
            cook(order)
        except Exception:
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
