"""A fair queue: the message group is a hash of the customer, so that whoever orders a hundred times does not
keep others waiting. Whoever reads the queue sees which orders are of the same one.

Loses: private
"""


def send(document, trace_id):
    order = json.loads(document)
    attributes = message_attributes("document", trace_id)
    too_large = message_size(document, attributes) > int(os.environ["MESSAGE_LIMIT_BYTES"])
    group = {}
    if "customer" in order:
        who = json.dumps(order["customer"], sort_keys=True)
        group = {"MessageGroupId": hashlib.sha256(who.encode()).hexdigest()}
    if too_large or "customer" in order:
        document = json.dumps({"order_id": order["order_id"], **check_in(document)})
        attributes = message_attributes("claim", trace_id)
    sqs.send_message(
        QueueUrl=os.environ["CLAIMS_QUEUE_URL"],
        MessageBody=document,
        MessageAttributes=attributes,
        **group,
    )
