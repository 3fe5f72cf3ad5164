"""Size alone decides: a small document travels itself, with the customer in it.

Loses: travel, private, refused, crash, permissions, notebook
"""


def send(document, trace_id):
    attributes = message_attributes("document", trace_id)
    if message_size(document, attributes) > int(os.environ["MESSAGE_LIMIT_BYTES"]):
        order_id = json.loads(document)["order_id"]
        document = json.dumps({"order_id": order_id, **check_in(document)})
        attributes = message_attributes("claim", trace_id)
    sqs.send_message(
        QueueUrl=os.environ["CLAIMS_QUEUE_URL"], MessageBody=document, MessageAttributes=attributes
    )
