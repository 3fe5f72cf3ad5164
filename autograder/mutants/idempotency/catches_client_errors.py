"""Caught is what AWS refuses and what is no event. When AWS cannot be reached, botocore raises something
else, and the whole batch fails.

Loses: refused
"""

from botocore.exceptions import ClientError


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            read_and_award(record["body"])
        except (ClientError, ValueError, RecursionError) as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
