"""What cannot be read is reported, but an error of AWS is let out: Lambda will try again. It tries the whole
batch again, with the records that are done, until all of it is in the dead-letter queue.

Loses: refused
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            read_and_award(record["body"])
        except (ValueError, RecursionError) as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
