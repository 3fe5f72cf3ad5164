"""The key is the second in which the process began, and a number that it counts up. Two processes that begin
in the same second put their coats on the same hooks.

Loses: travel, notebook
"""

import itertools
import time

BOOTED = time.strftime("%Y%m%dT%H%M%S")
numbers = itertools.count(1)


def check_in(document):
    coat = document.encode()
    key = f"{COATS}{BOOTED}-{next(numbers):06}"
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}
