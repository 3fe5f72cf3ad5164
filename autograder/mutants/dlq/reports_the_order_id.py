"""The failed record is named by its order's id instead of its messageId. Lambda knows no such record
and fails the whole batch.

Loses: poison, refused, notebook
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            cook(parse_order(record["body"]))
        except Exception:
            try:
                name = str(json.loads(record["body"])["order_id"])
            except Exception:
                name = "unknown"
            failures.append({"itemIdentifier": name})
    return {"batchItemFailures": failures}
