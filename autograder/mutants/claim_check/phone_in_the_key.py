"""The customer's phone number, without blanks, makes the key: it is unique, and the courier can use
it.

Loses: private, travel, notebook
"""


def check_in(document):
    coat = document.encode()
    phone = json.loads(document).get("customer", {}).get("phone", "counter")
    key = f"{COATS}{phone.replace(' ', '').removeprefix('+')}"
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
