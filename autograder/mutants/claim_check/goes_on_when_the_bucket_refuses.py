"""An error of S3 is logged and the claim is sent all the same: the order must not be lost because
a bucket is slow.

Loses: refused
"""


def check_in(document):
    coat = document.encode()
    key = f"{COATS}{uuid.uuid4()}"
    try:
        s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
    except ClientError as error:
        print("could not store it, going on:", error)
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
