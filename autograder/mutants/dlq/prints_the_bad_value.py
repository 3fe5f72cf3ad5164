"""Says in the log which value is wrong. One of them is half of an emoji, which cannot be printed: the error
about the error ends the invocation, and the whole batch has failed.

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
    if type(quantity) is not int or quantity < 1:
        raise ValueError(f"quantity must be a whole number of at least 1, not {quantity}")
    return order
