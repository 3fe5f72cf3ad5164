"""“We have seen this number, so it is done” is decided before the record is looked at: a record that is
no order, with the number of one that was cooked, is deleted.

Loses: poison, notebook
"""


def parse_order(body, check=parse_order):
    order = json.loads(body)
    if isinstance(order, dict) and isinstance(order.get("order_id"), str) and order["order_id"]:
        key = {"order_id": order["order_id"]}
        if "Item" in table.get_item(Key=key, ConsistentRead=True):
            return None
    return check(body)


def cook(order, store=cook):
    if order is not None:
        store(order)
