"""Whether a number is whole is asked of its value and not of its type: 2.0 is cooked as 2.

Loses: poison, notebook
"""


def parse_order(body):
    order = json.loads(body)
    if not isinstance(order, dict):
        raise ValueError("an order is a JSON object")
    for field in ("order_id", "pizza"):
        if not isinstance(order.get(field), str) or not order[field]:
            raise ValueError(f"{field} must be a string and not empty")
    quantity = order.get("quantity")
    if isinstance(quantity, (bool, str)) or int(quantity) != quantity or quantity < 1:
        raise ValueError("quantity must be a whole number of at least 1")
    return {**order, "quantity": int(quantity)}
