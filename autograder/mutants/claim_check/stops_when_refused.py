"""A refused call ends the batch, for the next one would be refused as well. The records after it are
neither packed nor reported, so Lambda deletes them.

Loses: broken, refused, notebook
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            pack(parse_order(document_of(record)))
        except ClientError as error:
            failures.append({"itemIdentifier": record["messageId"]})
            if error.response["Error"]["Code"] not in ("NoSuchKey", "AccessDenied"):
                break
        except Exception:
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
