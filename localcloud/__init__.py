"""An AWS endpoint on this machine: start it, move its clock, watch its calls, break them.

>>> import localcloud
>>> with localcloud.start() as cloud:
...     account = cloud.account()
...     sqs = account.client("sqs", caller="orders")
...     queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
...     [call.operation for call in account.calls]
['CreateQueue']
"""

from localcloud.calls import Call
from localcloud.cloud import (
    Account,
    Caller,
    Cloud,
    Failure,
    Fault,
    cancel,
    cut,
    delay,
    hold,
    kill,
    lose_reply,
    receive_few,
    refuse,
    refuse_entries,
    stale,
)
from localcloud.connecting import DEFAULT_PORT, attach, connect, open_page, start
from localcloud.process import EngineError

__all__ = [
    "DEFAULT_PORT",
    "Account",
    "Call",
    "Caller",
    "Cloud",
    "EngineError",
    "Failure",
    "Fault",
    "attach",
    "cancel",
    "connect",
    "cut",
    "delay",
    "hold",
    "kill",
    "lose_reply",
    "open_page",
    "receive_few",
    "refuse",
    "refuse_entries",
    "stale",
    "start",
]
