"""The message goes out with SendMessageBatch, and what that reports in Failed is not looked at: there
was no error, was there?

Loses: refused
"""


def send(document, trace_id):
    order = json.loads(document)
    attributes = message_attributes("document", trace_id)
    too_large = message_size(document, attributes) > int(os.environ["MESSAGE_LIMIT_BYTES"])
    if too_large or "customer" in order:
        document = json.dumps({"order_id": order["order_id"], **check_in(document)})
        attributes = message_attributes("claim", trace_id)
    sqs.send_message_batch(
        QueueUrl=os.environ["CLAIMS_QUEUE_URL"],
        Entries=[{"Id": "1", "MessageBody": document, "MessageAttributes": attributes}],
    )
