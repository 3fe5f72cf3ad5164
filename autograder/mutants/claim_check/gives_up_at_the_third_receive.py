"""A record that AWS refuses once more at its last receive is logged and counts as done, to keep the
dead-letter queue small. The order is lost.

Loses: refused
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            pack(parse_order(document_of(record)))
        except ClientError as error:
            gone = error.response["Error"]["Code"] in ("NoSuchKey", "AccessDenied")
            if not gone and int(record["attributes"].get("ApproximateReceiveCount", 1)) >= 3:
                print("giving up:", error)
                continue
            failures.append({"itemIdentifier": record["messageId"]})
        except Exception:
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
