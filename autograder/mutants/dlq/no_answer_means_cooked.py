"""Whoever gets no answer from DynamoDB takes the order for stored: “the reply was lost, as replies are”.
It may as well have been the request.

Loses: refused
"""

from botocore.exceptions import HTTPClientError


def cook(order):
    item = {name: order[name] for name in ("order_id", "pizza", "quantity")}
    try:
        table.put_item(
            Item={**item, "status": "COOKED"},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except HTTPClientError as error:
        print(f"{order['order_id']}: no answer: {error}")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
