"""Writes with transactions and takes each that is cancelled for a failed condition. DynamoDB also cancels
those that meet another, and the customer waits for an order that is stored nowhere.

Loses: refused
"""

client = table.meta.client


def place_order(order):
    fields = {name: order[name] for name in ("order_id", "customer", "pizza", "quantity")}
    put = {
        "TableName": table.name,
        "Item": {**fields, "status": "PLACED", "outbox": new_entry("order.placed.v1", fields)},
        "ConditionExpression": "attribute_not_exists(order_id)",
    }
    try:
        client.transact_write_items(TransactItems=[{"Put": put}])
    except client.exceptions.TransactionCanceledException:
        print("was there already")
