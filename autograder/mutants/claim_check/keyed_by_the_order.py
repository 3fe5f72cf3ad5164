"""The key is made of the order id, which is easy to find again. When the order is changed and sent
once more, the coat of the first claim is gone.

Loses: travel, notebook
"""


def check_in(document):
    coat = document.encode()
    key = f"{COATS}{json.loads(document)['order_id']}.json"
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
