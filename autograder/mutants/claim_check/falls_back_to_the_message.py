"""When S3 refuses, a document that would fit travels itself, customer and all: better than to
fail.

Loses: refused
"""


def send(document, trace_id):
    order = json.loads(document)
    attributes = message_attributes("document", trace_id)
    too_large = message_size(document, attributes) > int(os.environ["MESSAGE_LIMIT_BYTES"])
    if too_large or "customer" in order:
        try:
            document = json.dumps({"order_id": order["order_id"], **check_in(document)})
            attributes = message_attributes("claim", trace_id)
        except ClientError:
            if too_large:
                raise
    sqs.send_message(
        QueueUrl=os.environ["CLAIMS_QUEUE_URL"], MessageBody=document, MessageAttributes=attributes
    )
