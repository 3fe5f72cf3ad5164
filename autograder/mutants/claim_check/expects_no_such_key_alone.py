"""Only the errors one has seen while developing, with all permissions, belong to their record. Who
may not list the bucket gets AccessDenied for a missing object, and the whole batch fails, as it does
when the table refuses a call for one of its records.

Loses: broken, refused, permissions, notebook
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            pack(parse_order(document_of(record)))
        except (s3.exceptions.NoSuchKey, ValueError, TypeError, KeyError, AttributeError) as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
