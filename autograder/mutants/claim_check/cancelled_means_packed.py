"""The order is put in a transaction, and a cancelled one means that its condition has not held: packed
before. DynamoDB cancels one for other reasons, too, and then the order is lost.

Loses: refused
"""


def pack(order):
    put = {
        "TableName": table.name,
        "Item": order,
        "ConditionExpression": "attribute_not_exists(order_id)",
    }
    try:
        table.meta.client.transact_write_items(TransactItems=[{"Put": put}])
    except table.meta.client.exceptions.TransactionCanceledException:
        print("packed before")
