"""isinstance(True, int) is true in Python: an order of “true” pizzas earns a point.

Loses: events
"""


def check(event):
    if event.get("specversion") != "1.0" or event["type"] != "order.confirmed.v1":
        raise ValueError(f"{event['type']} cannot be read")
    data = event["data"]
    for text in (event["id"], event["source"], data["order_id"], data["customer"]):
        if not isinstance(text, str) or not text:
            raise ValueError(f"{text!r} must be a string and not empty")
    if not isinstance(data["pizzas"], int) or data["pizzas"] < 1:
        raise ValueError("pizzas must be a whole number of at least 1")
