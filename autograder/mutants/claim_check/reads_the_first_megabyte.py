"""Only so much of an object is read at once: what is larger than a message, the very case that the
cloakroom is for, is cut off.

Loses: redeem, notebook
"""


def redeem(claim):
    if not claim["key"].startswith(COATS):
        raise ValueError("a claim for something outside the cloakroom")
    reply = s3.get_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=claim["key"])
    coat = reply["Body"].read(1024 * 1024)
    if hashlib.sha256(coat).hexdigest() != claim["sha256"]:
        raise ValueError("the coat has been changed")
    return coat.decode()
