"""put_item without a condition: the second delivery of an order puts it back to COOKED although it
was delivered long ago.

Loses: duplicates, notebook
"""


def cook(order):
    item = {name: order[name] for name in ("order_id", "pizza", "quantity")}
    table.put_item(Item={**item, "status": "COOKED"})
