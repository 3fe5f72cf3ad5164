"""Looks at INSERT alone, because an order is inserted. A confirmation is a MODIFY.

Loses: publish, silence, order, meanwhile, crash, refused, notebook
"""


def process(record):
    if record["eventName"] != "INSERT":
        return
    entry = record["dynamodb"]["NewImage"].get("outbox", {}).get("M")
    if entry:
        publish(entry["event"]["S"])
        clear(record["dynamodb"]["Keys"]["order_id"]["S"], entry["id"]["S"])
