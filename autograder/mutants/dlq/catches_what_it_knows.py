"""It catches the errors that were seen so far. A body that is nested too deeply raises another one
(RecursionError), and the whole batch fails.

Loses: poison, notebook
"""

from botocore.exceptions import BotoCoreError


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            cook(parse_order(record["body"]))
        except (ValueError, KeyError, TypeError, ClientError, BotoCoreError) as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
