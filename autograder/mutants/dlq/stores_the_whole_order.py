"""Whatever the order says is stored, to have it all in one place. boto3 takes no float: an order with
a price of 8.5 is reported, and ends as a dead letter. And a status that it brings along wins.

Loses: cook, notebook
"""


def cook(order):
    try:
        table.put_item(
            Item={"status": "COOKED", **order},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
