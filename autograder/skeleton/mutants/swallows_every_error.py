"""Each record's error is logged and forgotten, so that “the queue does not get stuck”: what failed is
deleted with the rest.

Loses: bad, crash, notebook
"""


def handler(event, context):
    for record in event["Records"]:
        try:
            store(read(record["body"]))
        except Exception as error:
            print("skipping", error)
    return {"batchItemFailures": []}
