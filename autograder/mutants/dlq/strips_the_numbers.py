"""Blanks around an order's number are taken for typing mistakes; so two orders become one.

Loses: cook, notebook
"""


def cook(order):
    try:
        table.put_item(
            Item={
                "order_id": order["order_id"].strip(),  # the table's key
                "pizza": order["pizza"],
                "quantity": order["quantity"],
                "status": "COOKED",
            },
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            cook(parse_order(record["body"]))
        except Exception as error:
            print(f"{record['messageId']} failed: {type(error).__name__}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
