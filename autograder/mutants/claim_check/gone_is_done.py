"""A claim whose object is not there counts as done: it must be a duplicate of one that was redeemed
long ago.

Loses: broken, notebook
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            pack(parse_order(document_of(record)))
        except s3.exceptions.NoSuchKey:
            print("nothing there any more")
        except Exception as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
