"""Remembers in a module variable which events it has seen, against duplicates, and does so before it
publishes. What fails is taken for published as long as the process is warm.

Loses: order, refused
"""

seen = set()


def process(record):
    entry = record["dynamodb"].get("NewImage", {}).get("outbox", {}).get("M")
    if entry and entry["id"]["S"] not in seen:
        seen.add(entry["id"]["S"])
        publish(entry["event"]["S"])
        clear(record["dynamodb"]["Keys"]["order_id"]["S"], entry["id"]["S"])
