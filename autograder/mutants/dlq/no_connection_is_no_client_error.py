"""Catches ClientError for each record. A connection that breaks off is none: it raises for the whole batch.

Loses: refused
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            cook(parse_order(record["body"]))
        except (ValueError, RecursionError, ClientError) as error:
            print(f"{record['messageId']} failed: {type(error).__name__}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
