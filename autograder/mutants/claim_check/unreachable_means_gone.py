"""A coat that cannot be fetched is one that nobody needs any more: gone, or S3 out of reach, it is all the
same to this code.

Loses: refused
"""

from botocore.exceptions import HTTPClientError


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            document = document_of(record)
        except HTTPClientError as error:
            print(f"{record['messageId']}: its coat is out of reach: {error}")
            continue
        except Exception as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
            continue
        try:
            pack(parse_order(document))
        except Exception as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
