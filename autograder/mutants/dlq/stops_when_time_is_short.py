"""It looks at the clock so that Lambda does not end it in the middle of a batch. The records that it
did not get to are neither cooked nor reported, and so they are deleted.

Loses: refused
"""

import time


def handler(event, context):
    failures, started = [], time.monotonic()
    for record in event["Records"]:
        if time.monotonic() - started > 20:
            print("out of time, the rest comes again")
            break
        try:
            patiently(record["body"])
        except Exception:
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def patiently(body):
    order = parse_order(body)
    for seconds in (0.5, 1, 2, 4):
        try:
            return cook(order)
        except ClientError:
            time.sleep(seconds)
    return cook(order)
