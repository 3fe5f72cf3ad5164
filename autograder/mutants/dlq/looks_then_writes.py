"""The table is asked before the order is written, without a condition. Between the two another worker
may have cooked it.

Loses: duplicates, notebook
"""


def cook(order):
    found = table.get_item(Key={"order_id": order["order_id"]}, ConsistentRead=True)
    if "Item" not in found:
        item = {name: order[name] for name in ("order_id", "pizza", "quantity")}
        table.put_item(Item={**item, "status": "COOKED"})
