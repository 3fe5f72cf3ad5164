"""A conflict of two writers is taken for “somebody else has cooked it”. It may have been a transaction
that was cancelled in the end.

Loses: refused
"""


def cook(order):
    item = {field: order[field] for field in ("order_id", "pizza", "quantity")}
    try:
        table.put_item(
            Item={**item, "status": "COOKED"},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        done = ("ConditionalCheckFailedException", "TransactionConflictException")
        if error.response["Error"]["Code"] not in done:
            raise
