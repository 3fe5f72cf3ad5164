"""The key is the checksum of the order, its fields sorted, so that the same order hangs on one hook. The
same order written in another way is another document, and the first claim's checksum fits no more.

Loses: travel, notebook
"""


def check_in(document):
    coat = document.encode()
    same = json.dumps(json.loads(document), sort_keys=True)
    key = f"{COATS}{hashlib.sha256(same.encode()).hexdigest()}"
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
