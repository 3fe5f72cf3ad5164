"""Coats are sorted by day and order id: a coat that is put there again another day is another one. An
order that is changed on the same day takes the place of the first.

Loses: travel, notebook
"""

import time


def check_in(document):
    coat = document.encode()
    key = f"{COATS}{time.strftime('%Y/%m/%d')}/{json.loads(document)['order_id']}.json"
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
