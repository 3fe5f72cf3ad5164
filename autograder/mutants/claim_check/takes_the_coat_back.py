"""Tidies up when the message could not be sent. The reply may have been lost, not the message: then its
claim leads to nothing.

Loses: refused
"""


def send(document, trace_id):
    order = json.loads(document)
    attributes = message_attributes("document", trace_id)
    too_large = message_size(document, attributes) > int(os.environ["MESSAGE_LIMIT_BYTES"])
    key = None
    if too_large or "customer" in order:
        claim = check_in(document)
        key = claim["key"]
        document = json.dumps({"order_id": order["order_id"], **claim})
        attributes = message_attributes("claim", trace_id)
    try:
        sqs.send_message(
            QueueUrl=os.environ["CLAIMS_QUEUE_URL"],
            MessageBody=document,
            MessageAttributes=attributes,
        )
    except Exception:
        if key:
            s3.delete_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key)
        raise
