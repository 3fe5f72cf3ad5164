"""Each key begins with a few digits of a hash of the customer, which spread the coats over the bucket's
partitions, and a random number follows at once. Who reads the queue sees which orders are of the same customer.

Loses: private
"""


def check_in(document):
    coat = document.encode()
    customer = json.dumps(json.loads(document).get("customer"), sort_keys=True)
    key = f"{COATS}{hashlib.sha256(customer.encode()).hexdigest()[:8]}{uuid.uuid4().hex}"
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
