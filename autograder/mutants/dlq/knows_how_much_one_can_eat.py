"""Nobody orders a thousand pizzas, so that must be a mistake.

Loses: cook, notebook
"""

MOST = 999  # the oven is not that large; more is a typing error


def parse_order(body):
    order = json.loads(body)
    if not isinstance(order, dict):
        raise ValueError("an order is a JSON object")
    for field in ("order_id", "pizza"):
        if not isinstance(order.get(field), str) or not order[field]:
            raise ValueError(f"{field} must be a string and not empty")
    if type(order.get("quantity")) is not int or not 1 <= order["quantity"] <= MOST:
        raise ValueError("quantity must be a whole number of 1 to 999")
    return order


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            cook(parse_order(record["body"]))
        except Exception as error:
            print(f"{record['messageId']} failed: {type(error).__name__}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
