"""send counts a message without an answer as sent: “at least once means that one of three attempts
arrived”.

Loses: refused
"""

from botocore.exceptions import HTTPClientError


def send(document, trace_id):
    order = json.loads(document)
    attributes = message_attributes("document", trace_id)
    too_large = message_size(document, attributes) > int(os.environ["MESSAGE_LIMIT_BYTES"])
    if too_large or "customer" in order:
        document = json.dumps({"order_id": order["order_id"], **check_in(document)})
        attributes = message_attributes("claim", trace_id)
    try:
        sqs.send_message(
            QueueUrl=os.environ["CLAIMS_QUEUE_URL"],
            MessageBody=document,
            MessageAttributes=attributes,
        )
    except HTTPClientError as error:
        print("no answer:", error)
