"""Fills in the order's data when it publishes, from the table, so that everybody gets the latest. What the
customer changed meanwhile is told as what was ordered.

Loses: silence, meanwhile, notebook
"""


def process(record):
    entry = record["dynamodb"].get("NewImage", {}).get("outbox", {}).get("M")
    if not entry:
        return
    event = json.loads(entry["event"]["S"])
    order_id = event["subject"]
    item = table.get_item(Key={"order_id": order_id}, ConsistentRead=True).get("Item")
    if item is None:
        return
    for name in event["data"]:
        event["data"][name] = int(item[name]) if name == "quantity" else item[name]
    publish(json.dumps(event))
    clear(order_id, entry["id"]["S"])
