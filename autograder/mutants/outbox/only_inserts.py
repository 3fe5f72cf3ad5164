"""Looks at INSERT alone, because an order is inserted. A confirmation is a MODIFY.

Loses: publish, order, meanwhile, crash, refused
"""


def process(record):
    if record["eventName"] != "INSERT":
        return
    entry = record["dynamodb"]["NewImage"]["outbox"]["M"]
    publish(entry["event"]["S"])
    clear(record["dynamodb"]["Keys"]["order_id"]["S"], entry["id"]["S"])
