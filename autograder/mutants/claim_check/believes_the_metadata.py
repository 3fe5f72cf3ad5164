"""The checksum is written into the object's metadata and compared with that of the claim; what was put into
the object is not looked at. Whoever changes it can leave the metadata as they are.

Loses: broken, notebook
"""


def check_in(document):
    coat = document.encode()
    key = f"{COATS}{uuid.uuid4()}"
    digest = hashlib.sha256(coat).hexdigest()
    s3.put_object(
        Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat, Metadata={"sha256": digest}
    )
    return {"key": key, "sha256": digest}


def redeem(claim):
    if not claim["key"].startswith(COATS):
        raise ValueError("a claim for something outside the cloakroom")
    reply = s3.get_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=claim["key"])
    coat = reply["Body"].read()
    # Coats of the first version have none.
    digest = reply["Metadata"].get("sha256") or hashlib.sha256(coat).hexdigest()
    if digest != claim["sha256"]:
        raise ValueError("the coat has been changed")
    return coat.decode()
