"""The first saga that cannot go on ends the invocation. The orders behind it wait, and those before it
are delivered again.

Loses: retry
"""


def handler(event, context):
    for record in event["Records"]:
        run_saga(json.loads(record["body"]))
    return {"batchItemFailures": []}
