"""Looks first, and then a failed condition can only be an accident: the record is reported.

Loses: duplicates, notebook
"""


def cook(order):
    key = {"order_id": order["order_id"]}
    if "Item" in table.get_item(Key=key, ConsistentRead=True):
        return  # cooked before
    # The condition is for another worker, who has the same order at this moment.
    table.put_item(
        Item={
            "order_id": order["order_id"],
            "pizza": order["pizza"],
            "quantity": order["quantity"],
            "status": "COOKED",
        },
        ConditionExpression="attribute_not_exists(order_id)",
    )


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            cook(parse_order(record["body"]))
        except Exception as error:
            print(f"{record['messageId']} failed: {type(error).__name__}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
