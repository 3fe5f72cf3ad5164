"""Expects a NewImage in every record. A removal has none: the record fails whenever it is delivered, and
the whole stream waits behind it.

Loses: silence, meanwhile, notebook
"""


def process(record):
    entry = record["dynamodb"]["NewImage"].get("outbox", {}).get("M")
    if entry:
        publish(entry["event"]["S"])
        clear(record["dynamodb"]["Keys"]["order_id"]["S"], entry["id"]["S"])
