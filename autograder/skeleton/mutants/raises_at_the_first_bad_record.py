"""No try in the loop, because “Lambda will retry”: one bad record brings all the others back.

Loses: bad, notebook
"""


def handler(event, context):
    for record in event["Records"]:
        store(read(record["body"]))
    return {"batchItemFailures": []}
