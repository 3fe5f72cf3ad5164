"""The claim goes out first and the coat is put in afterwards: the customer waits for the message,
and the upload can take its time. Killed or refused in between, the claim is for nothing.

Loses: refused, crash
"""


def send(document, trace_id):
    order = json.loads(document)
    kind = "document"
    attributes = message_attributes(kind, trace_id)
    body = document
    too_large = message_size(document, attributes) > int(os.environ["MESSAGE_LIMIT_BYTES"])
    if too_large or "customer" in order:
        kind = "claim"
        claim = {
            "order_id": order["order_id"],
            "key": f"{COATS}{uuid.uuid4()}",
            "sha256": hashlib.sha256(document.encode()).hexdigest(),
        }
        body, attributes = json.dumps(claim), message_attributes(kind, trace_id)
    sqs.send_message(
        QueueUrl=os.environ["CLAIMS_QUEUE_URL"], MessageBody=body, MessageAttributes=attributes
    )
    if kind == "claim":
        s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=claim["key"], Body=document.encode())
