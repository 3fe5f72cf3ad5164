"""Nothing about the customer may be in the key, so it is the checksum of the document without the
customer. The same order for another address takes the place of the first.

Loses: travel, notebook
"""


def check_in(document):
    coat = document.encode()
    public = {**json.loads(document), "customer": None}
    digest = hashlib.sha256(json.dumps(public, sort_keys=True).encode()).hexdigest()
    key = f"{COATS}{digest}"
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
