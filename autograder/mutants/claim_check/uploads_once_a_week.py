"""A coat that this process has put there within a week is not put there again. It expires 15 days after the
first time, before the second claim does.

Loses: travel, notebook
"""

import time

WEEK = 7 * 24 * 60 * 60
_uploaded = {}  # checksum: when it was put


def check_in(document):
    coat = document.encode()
    digest = hashlib.sha256(coat).hexdigest()
    key = f"{COATS}{digest}"
    now = time.time()
    if now - _uploaded.get(digest, 0) > WEEK:
        s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
        _uploaded[digest] = now
    return {"key": key, "sha256": digest}
