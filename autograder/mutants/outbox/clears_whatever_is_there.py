"""REMOVE outbox without a condition. An order confirmed while its first event was being published loses
the second entry, and an order that was removed comes back as an item with nothing but its key.

Loses: silence, meanwhile, refused, notebook
"""


def clear(order_id, event_id):
    table.update_item(Key={"order_id": order_id}, UpdateExpression="REMOVE outbox")
