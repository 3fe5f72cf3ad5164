"""Does not publish that an order was confirmed when it has moved on since.

Loses: silence, notebook
"""


def process(record):
    entry = record["dynamodb"].get("NewImage", {}).get("outbox", {}).get("M")
    if not entry:
        return
    order_id = record["dynamodb"]["Keys"]["order_id"]["S"]
    item = table.get_item(Key={"order_id": order_id}, ConsistentRead=True).get("Item", {})
    confirmation = json.loads(entry["event"]["S"])["type"] == "order.confirmed.v1"
    if not confirmation or item.get("status") == "CONFIRMED":
        publish(entry["event"]["S"])
    clear(order_id, entry["id"]["S"])
