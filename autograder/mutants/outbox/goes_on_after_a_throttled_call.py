"""Stops at a refused entry, because the bus said so, but takes an exception for trouble with this one record
and goes on. If the trouble is over by then, the confirmation of an order is told before its placing.

Loses: order, refused
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            process(record)
        except RuntimeError:
            failures.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
            break
        except ClientError:
            failures.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
    return {"batchItemFailures": failures}
