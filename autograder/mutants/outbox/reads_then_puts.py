"""To clear an entry the item is read, changed in memory and put back. What somebody else wrote between
the two calls is gone: a lost update.

Loses: meanwhile
"""


def clear(order_id, event_id):
    item = table.get_item(Key={"order_id": order_id}, ConsistentRead=True).get("Item")
    if item and item.get("outbox", {}).get("id") == event_id:
        del item["outbox"]
        table.put_item(Item=item)
