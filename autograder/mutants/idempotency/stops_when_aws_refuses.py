"""When AWS refuses a call, the loop ends, to leave it in peace: that record is reported. Those after it are
neither awarded nor reported, so Lambda deletes them.

Loses: refused
"""

from botocore.exceptions import ClientError


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            read_and_award(record["body"])
        except Exception as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
            if isinstance(error, ClientError):
                break
    return {"batchItemFailures": failures}
