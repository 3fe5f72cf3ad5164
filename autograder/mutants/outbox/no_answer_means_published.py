"""No answer is logged and taken for a lost reply: the event counts as published, and is cleared.

Loses: refused
"""

from botocore.exceptions import HTTPClientError


def process(record):
    entry = record["dynamodb"].get("NewImage", {}).get("outbox", {}).get("M")
    if entry:
        try:
            publish(entry["event"]["S"])
        except HTTPClientError as error:
            print("no answer:", error)
        clear(record["dynamodb"]["Keys"]["order_id"]["S"], entry["id"]["S"])
