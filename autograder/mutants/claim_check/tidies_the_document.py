"""The document is parsed and written anew before it is put into the bucket: it looks nicer there,
and the checksum is of what was put. But it is not what the shop has written.

Loses: travel, limit, permissions, notebook
"""


def check_in(document):
    coat = json.dumps(json.loads(document), indent=2, sort_keys=True).encode()
    key = f"{COATS}{uuid.uuid4()}"
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
