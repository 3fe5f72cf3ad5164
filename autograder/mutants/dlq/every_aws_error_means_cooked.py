"""Catching ClientError looks like catching the failed condition. It catches a throttled table too:
the order is not stored and not reported.

Loses: refused
"""


def cook(order):
    item = {name: order[name] for name in ("order_id", "pizza", "quantity")}
    try:
        table.put_item(
            Item={**item, "status": "COOKED"},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError:
        print(order["order_id"], "is cooked already")
