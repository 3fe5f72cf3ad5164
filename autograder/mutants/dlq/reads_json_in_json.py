"""A text that has an order in it, as some clients send by mistake, is cooked.

Loses: poison, notebook
"""


def parse_order(body):
    order = json.loads(body)
    if isinstance(order, str):  # some senders encode it twice
        order = json.loads(order)
    if not isinstance(order, dict):
        raise ValueError("an order is a JSON object")
    for field in ("order_id", "pizza"):
        if not isinstance(order.get(field), str) or not order[field]:
            raise ValueError(f"{field} must be a string and not empty")
    if type(order.get("quantity")) is not int or order["quantity"] < 1:
        raise ValueError("quantity must be a whole number of at least 1")
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
