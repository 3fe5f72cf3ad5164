"""Takes the record as a hint only and publishes what the item's outbox has now, which must surely be the
latest. There is one entry in it: the confirmation has taken the place of an event nobody has published.

Loses: silence, order, meanwhile, refused, notebook
"""


def process(record):
    order_id = record["dynamodb"]["Keys"]["order_id"]["S"]
    item = table.get_item(Key={"order_id": order_id}, ConsistentRead=True).get("Item", {})
    if "outbox" in item:
        publish(item["outbox"]["event"])
        clear(order_id, item["outbox"]["id"])
