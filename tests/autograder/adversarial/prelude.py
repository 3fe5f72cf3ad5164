"""What the attacks use. FACTS is put in front of it."""

import ctypes
import errno
import fcntl
import http.client
import json
import os
import resource
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

KEY, TOKEN = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SESSION_TOKEN"]
# What the sandbox answers besides EPERM and EACCES: Landlock to links, seccomp to some calls.
REFUSALS = (errno.EXDEV, errno.ENOSYS)
print("ATTACKS")


def attempt(action):
    """Try something that must be refused; an attack that fails for another reason is none."""
    try:
        result = action()
    except (PermissionError, ModuleNotFoundError, ClientError) as error:
        print("REFUSED", type(error).__name__, str(error)[:100])
    except OSError as error:
        if error.errno not in REFUSALS:
            raise
        print("REFUSED", error)
    else:
        print("GOT", repr(result)[:200])


def refuse_if(failed):
    """What a call says that reports its failure by a value."""
    if failed:
        raise PermissionError("it failed")


def look(path):
    return os.listdir(path) if os.path.isdir(path) else Path(path).read_bytes()


def system_call(number, *arguments):
    library = ctypes.CDLL(None, use_errno=True)
    if library.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) < 0:
        raise OSError(ctypes.get_errno(), f"system call {number}")


def ask_engine(method, path, headers, body=None):
    port = int(os.environ["AWS_ENDPOINT_URL"].rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    refuse_if(response.status >= 400)
    return response.read()


def as_aws(service):
    """The headers of a call of AWS, with this code's own key and token."""
    scope = f"Credential={KEY}/20260101/us-east-1/{service}/aws4_request"
    signed = f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=x"
    return {"Authorization": signed, "X-Amz-Security-Token": TOKEN}


def cook(orders):
    """Store orders, each (id, pizza, quantity), as if they had been cooked."""
    for order_id, pizza, quantity in orders:
        boto3.client("dynamodb").put_item(
            TableName=os.environ["KITCHEN_TABLE"],
            Item={
                "order_id": {"S": order_id},
                "pizza": {"S": pizza},
                "quantity": {"N": str(quantity)},
                "status": {"S": "COOKED"},
            },
        )


def wire():
    """The runner's private connection to the grader."""
    import gc

    return next(o for o in gc.get_objects() if type(o).__name__ == "Wire")


def plausible(prefix):
    return {"queue_url": f"http://x/{prefix}-orders", "dlq_url": f"http://x/{prefix}-orders-dlq"}


def create_queues(prefix):
    return None


def handler(event, context):
    return {"batchItemFailures": []}
