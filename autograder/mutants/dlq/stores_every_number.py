"""All fields are kept, with Decimals for the numbers. A valid order whose other fields hold a number that
is too large for DynamoDB is reported.

Loses: cook, notebook
"""

from decimal import Decimal


def parse_order(body, check=parse_order):
    check(body)
    return json.loads(body, parse_float=Decimal)


def cook(order):
    try:
        table.put_item(
            Item={**order, "status": "COOKED"},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
