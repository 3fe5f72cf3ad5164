"""Coats are sorted by customer, so that support finds them: whoever reads the claim reads the name.

Loses: private
"""


def check_in(document):
    coat = document.encode()
    name = json.loads(document).get("customer", {}).get("name", "counter")
    key = f"{COATS}{name.lower().replace(' ', '-')}/{uuid.uuid4()}"
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
