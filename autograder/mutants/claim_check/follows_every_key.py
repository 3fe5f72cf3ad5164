"""The claim is believed wherever it leads: a message that names any object of the bucket, with its
checksum, has it read.

Loses: broken, notebook
"""


def redeem(claim):
    reply = s3.get_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=claim["key"])
    coat = reply["Body"].read()
    if hashlib.sha256(coat).hexdigest() != claim["sha256"]:
        raise ValueError("the coat has been changed")
    return coat.decode()
