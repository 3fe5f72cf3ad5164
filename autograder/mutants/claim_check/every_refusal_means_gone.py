"""Each error of get_object is taken for “the coat is gone, nothing can be done”, logged, and the
record is done: also when S3 was only throttling.

Loses: broken, refused, permissions, notebook
"""


class Gone(Exception):
    pass


def redeem(claim):
    if not claim["key"].startswith(COATS):
        raise ValueError("a claim for something outside the cloakroom")
    try:
        reply = s3.get_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=claim["key"])
    except ClientError as error:
        raise Gone(claim["key"]) from error
    coat = reply["Body"].read()
    if hashlib.sha256(coat).hexdigest() != claim["sha256"]:
        raise ValueError("the coat has been changed")
    return coat.decode()


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            pack(parse_order(document_of(record)))
        except Gone as gone:
            print("gone:", gone)
        except Exception as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
