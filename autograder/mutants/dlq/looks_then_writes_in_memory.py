"""Orders that were cooked are remembered in the module. That works as long as the same process sees
the duplicate; a cold start has forgotten.

Loses: duplicates, notebook
"""

seen = set()


def cook(order):
    if order["order_id"] in seen:
        return
    item = {name: order[name] for name in ("order_id", "pizza", "quantity")}
    table.put_item(Item={**item, "status": "COOKED"})
    seen.add(order["order_id"])
