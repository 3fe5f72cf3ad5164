"""A busy table is waited for, longer than the function may run; then all records of the batch come back.

Loses: refused
"""

import time


BUSY = ("ProvisionedThroughputExceededException", "ThrottlingException", "InternalServerError")


def cook_patiently(order):
    """A busy table is worth waiting for: back off, up to a minute at a time."""
    for attempt in range(8):
        try:
            return cook(order)
        except ClientError as error:
            if error.response["Error"]["Code"] not in BUSY or attempt == 7:
                raise
            time.sleep(min(60, 2**attempt))


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            cook_patiently(parse_order(record["body"]))
        except Exception as error:
            print(f"{record['messageId']} failed: {type(error).__name__}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
