"""After the upload send fetches the object again, to be sure: S3 has been consistent since 2020, and
the order service need not be able to read every coat.

Loses: permissions
"""


def check_in(document):
    coat = document.encode()
    key = f"{COATS}{uuid.uuid4()}"
    bucket = os.environ["CLAIMS_BUCKET"]
    s3.put_object(Bucket=bucket, Key=key, Body=coat)
    if s3.get_object(Bucket=bucket, Key=key)["Body"].read() != coat:
        raise RuntimeError("not stored")
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
