"""Before the object is fetched the bucket is listed, to see whether it is there: that needs a
permission which shows all other coats as well.

Loses: permissions
"""


def redeem(claim):
    if not claim["key"].startswith(COATS):
        raise ValueError("a claim for something outside the cloakroom")
    bucket = os.environ["CLAIMS_BUCKET"]
    found = s3.list_objects_v2(Bucket=bucket, Prefix=claim["key"]).get("Contents", [])
    if claim["key"] not in [entry["Key"] for entry in found]:
        raise ValueError("the coat is gone")
    coat = s3.get_object(Bucket=bucket, Key=claim["key"])["Body"].read()
    if hashlib.sha256(coat).hexdigest() != claim["sha256"]:
        raise ValueError("the coat has been changed")
    return coat.decode()
