"""Whatever AWS answers is caught, and what a bad document raises, too. A connection that is cut is no
answer: that exception is of another kind, gets out of the loop and takes the batch with it.

Loses: refused
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            pack(parse_order(document_of(record)))
        except (ClientError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
