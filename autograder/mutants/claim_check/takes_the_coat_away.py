"""After packing the object is deleted, as one takes a coat off its hook. The second delivery of the
message finds nothing.

Loses: duplicates, refused, crash, permissions, notebook
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            pack(parse_order(document_of(record)))
            if record["messageAttributes"]["kind"]["stringValue"] == "claim":
                key = json.loads(record["body"])["key"]
                s3.delete_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key)
        except Exception as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
