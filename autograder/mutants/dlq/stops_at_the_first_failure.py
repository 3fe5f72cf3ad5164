"""The loop ends at the first failure, as it would for a stream: the records after it are neither
cooked nor reported, and so deleted.

Loses: poison, refused, notebook
"""


def handler(event, context):
    for record in event["Records"]:
        try:
            cook(parse_order(record["body"]))
        except Exception:
            return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    return {"batchItemFailures": []}
