"""That it is the right coat is seen from its order id; the checksum is thought to be for
transmission errors.

Loses: broken, notebook
"""


def redeem(claim):
    if not claim["key"].startswith(COATS) or not claim["sha256"]:
        raise ValueError("a claim for something outside the cloakroom")
    reply = s3.get_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=claim["key"])
    coat = reply["Body"].read().decode()
    if json.loads(coat)["order_id"] != claim["order_id"]:
        raise ValueError("another coat")
    return coat
