"""Whether a document has a customer is seen by its text. JSON can write the same word otherwise, and other
things may have a customer, too.

Loses: travel, notebook
"""


def send(document, trace_id):
    order = json.loads(document)
    attributes = message_attributes("document", trace_id)
    too_large = message_size(document, attributes) > int(os.environ["MESSAGE_LIMIT_BYTES"])
    if too_large or '"customer"' in document:
        document = json.dumps({"order_id": order["order_id"], **check_in(document)})
        attributes = message_attributes("claim", trace_id)
    sqs.send_message(
        QueueUrl=os.environ["CLAIMS_QUEUE_URL"], MessageBody=document, MessageAttributes=attributes
    )
