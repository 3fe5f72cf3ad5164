"""isinstance(quantity, int) looks like the right test, but to Python True is an int: an order of
“true” pizzas is cooked.

Loses: poison, notebook
"""


def parse_order(body):
    order = json.loads(body)
    if not isinstance(order, dict):
        raise ValueError("an order is a JSON object")
    for field in ("order_id", "pizza"):
        if not isinstance(order.get(field), str) or not order[field]:
            raise ValueError(field)
    if not isinstance(order.get("quantity"), int) or order["quantity"] < 1:
        raise ValueError("quantity")
    return order
