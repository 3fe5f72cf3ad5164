"""Escapes the pizza's name, because a screen in the kitchen shows it as HTML one day.

Loses: cook, notebook
"""

import html


def cook(order):
    try:
        table.put_item(
            Item={
                "order_id": order["order_id"],
                "pizza": html.escape(order["pizza"]),  # it is shown on the kitchen's screen
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
