"""Each coat has a tag, by which somebody wants to tell what it costs. Putting an object with tags needs a
permission that the order service has not.

Loses: permissions
"""


def check_in(document):
    coat = document.encode()
    key = f"{COATS}{uuid.uuid4()}"
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat, Tagging="service=orders")
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
