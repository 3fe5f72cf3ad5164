"""A careful list of exceptions instead of Exception. JSON that is nested too deeply raises a
RecursionError, which is not in it, and the whole batch fails.

Loses: events
"""

from botocore.exceptions import BotoCoreError, ClientError


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            read_and_award(record["body"])
        except (ValueError, KeyError, TypeError, ClientError, BotoCoreError) as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
