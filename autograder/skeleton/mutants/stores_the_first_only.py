"""event["Records"][0], as in many examples with a batch size of one: the rest of a batch is lost.

Loses: store, bad, crash, notebook
"""


def handler(event, context):
    store(read(event["Records"][0]["body"]))
    return {"batchItemFailures": []}
