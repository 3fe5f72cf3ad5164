"""A circuit breaker: after three records that have failed S3 is not asked again in this batch. Three coats that
are gone make the good claims after them fail.

Loses: broken, notebook
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            kind = record["messageAttributes"]["kind"]["stringValue"]
            if kind == "claim" and len(failures) >= 3:
                raise RuntimeError("S3 is in trouble")
            pack(parse_order(document_of(record)))
        except Exception as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
