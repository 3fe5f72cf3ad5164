"""Whether an order has been packed is seen by its pizzas instead of by its being there. Somebody takes them
out, and the order is packed again.

Loses: duplicates, notebook
"""


def pack(order):
    """Note how many pizzas and where to, unless that was done before."""
    try:
        table.update_item(
            Key={"order_id": order["order_id"]},
            UpdateExpression="SET pizzas = :pizzas, deliver_to = :to, #status = :status",
            ConditionExpression="attribute_not_exists(pizzas)",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":pizzas": order["pizzas"],
                ":to": order["deliver_to"],
                ":status": order["status"],
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
