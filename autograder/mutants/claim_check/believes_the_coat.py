"""The checksum is not looked at: the object was found, and S3 keeps what it is given.

Loses: broken, notebook
"""


def redeem(claim):
    if not claim["key"].startswith(COATS):
        raise ValueError("a claim for something outside the cloakroom")
    reply = s3.get_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=claim["key"])
    return reply["Body"].read().decode()
