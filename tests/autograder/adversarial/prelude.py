"""What the attacks use. FACTS is put in front of it."""

import ctypes
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

TOKEN = os.environ["AWS_SESSION_TOKEN"]
print("ATTACKS")


def attempt(action):
    """Try something that must be refused."""
    try:
        result = action()
    except Exception as error:
        print("REFUSED", type(error).__name__, str(error)[:100])
    else:
        print("GOT", repr(result)[:200])


def refuse_if(failed):
    """What a call says that reports its failure by a value."""
    if failed:
        raise OSError("it failed")


def look(path):
    return os.listdir(path) if os.path.isdir(path) else Path(path).read_bytes()


def system_call(number, *arguments):
    library = ctypes.CDLL(None, use_errno=True)
    refuse_if(library.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) < 0)


def ask_engine(method, path, headers, body=None):
    port = int(os.environ["AWS_ENDPOINT_URL"].rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    refuse_if(response.status >= 400)
    return response.read()


def create_queues(prefix):
    return {"queue_url": f"http://x/{prefix}-orders", "dlq_url": f"http://x/{prefix}-orders-dlq"}


def handler(event, context):
    return {"batchItemFailures": []}


def redrive(dlq_url, queue_url, per_second):
    return None
