"""Coats are sorted by customer, and so that nobody reads the name in the key it is hashed there.
Whoever reads the queue sees which orders are of the same customer, and can try out names.

Loses: private
"""


def check_in(document):
    coat = document.encode()
    name = json.loads(document).get("customer", {}).get("name", "")
    key = f"{COATS}{hashlib.sha256(name.encode()).hexdigest()[:16]}/{uuid.uuid4()}"
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
