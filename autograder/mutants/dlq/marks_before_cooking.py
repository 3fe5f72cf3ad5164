"""An order is first marked as received, then cooked. Killed in between, the second delivery finds the
mark and believes the work is done.

Loses: refused, crash
"""


def cook(order):
    item = {name: order[name] for name in ("order_id", "pizza", "quantity")}
    try:
        table.put_item(
            Item={**item, "status": "RECEIVED"},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return
        raise
    table.update_item(
        Key={"order_id": order["order_id"]},
        UpdateExpression="SET #s = :cooked",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":cooked": "COOKED"},
    )
