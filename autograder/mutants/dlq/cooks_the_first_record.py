"""Tested with one message at a time, the handler looks at Records[0] only. The rest of a batch is
deleted without having been cooked.

Loses: cook, poison, duplicates, refused, crash, notebook
"""


def handler(event, context):
    record = event["Records"][0]
    try:
        cook(parse_order(record["body"]))
    except Exception:
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    return {"batchItemFailures": []}
