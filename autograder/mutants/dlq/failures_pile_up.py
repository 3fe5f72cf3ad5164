"""The list of failures is made once, when the module is loaded. A warm Lambda keeps it from one
invocation to the next, so that later batches report records of earlier ones.

Loses: poison, refused, notebook
"""

failures = []


def handler(event, context):
    for record in event["Records"]:
        try:
            cook(parse_order(record["body"]))
        except Exception:
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
