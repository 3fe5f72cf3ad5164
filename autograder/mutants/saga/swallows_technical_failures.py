"""What goes wrong is logged and the record counts as done, “or the queue would never become empty”. Nobody
goes on with the saga.

Loses: retry, charge-once, undo-fails, at-once, notebook
"""


def handler(event, context):
    for record in event["Records"]:
        try:
            run_saga(json.loads(record["body"]))
        except Exception as error:
            print("failed:", error)
    return {"batchItemFailures": []}
