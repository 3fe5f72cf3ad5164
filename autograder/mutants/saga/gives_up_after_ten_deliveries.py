"""Lest an order come for ever, the tenth delivery writes FAILED, whatever is still charged. The trouble
lasts longer than that.

Loses: retry, undo-fails
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        order = json.loads(record["body"])
        try:
            run_saga(order)
        except Exception as error:
            print(f"{record['messageId']} is not finished: {error}")
            if int(record["attributes"]["ApproximateReceiveCount"]) >= 10:
                change(order, "SET #status = :new", "FAILED")
            else:
                failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
