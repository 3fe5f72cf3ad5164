"""Hooks are numbered as airlines do it, with three letters of the customer's surname and the order id, so that
one can read them out. They are in the key, and in the queue.

Loses: private
"""


def check_in(document):
    coat = document.encode()
    order = json.loads(document)
    name = order.get("customer", {}).get("name", "")
    hook = f"{name.split()[-1][:3].upper() if name else 'TBL'}{order['order_id']}"
    key = f"{COATS}{hook}-{uuid.uuid4()}"
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
