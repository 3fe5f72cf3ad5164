"""The limit is written into the code, and it is the one that SQS had until 2025.

Loses: limit, notebook
"""


def send(document, trace_id):
    order = json.loads(document)
    attributes = message_attributes("document", trace_id)
    if message_size(document, attributes) > 256 * 1024 or "customer" in order:
        document = json.dumps({"order_id": order["order_id"], **check_in(document)})
        attributes = message_attributes("claim", trace_id)
    sqs.send_message(
        QueueUrl=os.environ["CLAIMS_QUEUE_URL"], MessageBody=document, MessageAttributes=attributes
    )
