"""Catches what AWS answers, and not that it does not answer. A bus out of reach fails the whole batch, and
what comes before it is published again.

Loses: refused
"""


def handler(event, context):
    for record in event["Records"]:
        try:
            process(record)
        except (ClientError, RuntimeError) as error:
            print(f"{record['dynamodb']['Keys']} failed: {error}")
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}
