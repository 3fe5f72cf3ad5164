"""Answers the request in hand, and the runner answers it again: the second one is for the next.

Told: sent a reply to a question that it was not asked
"""


def create_queues(prefix):
    reply = {"id": wire()._request, "kind": "returned", "value": {"queue_url": "a", "dlq_url": "b"}}
    os.write(3, json.dumps(reply).encode() + b"\n")


def handler(event, context):
    create_queues("")
    return {"batchItemFailures": "not a list"}
