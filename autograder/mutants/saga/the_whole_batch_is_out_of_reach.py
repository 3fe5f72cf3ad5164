"""Catches what AWS answers, and not that it does not answer: one participant out of reach, and the orders
before it are reported, too.

Loses: retry
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            run_saga(json.loads(record["body"]))
        except (ClientError, RuntimeError) as error:
            print(f"{record['messageId']} is not finished: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
