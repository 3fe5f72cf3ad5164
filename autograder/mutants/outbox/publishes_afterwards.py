"""The order is stored, then its event is published from the same function, because nobody seems to
be in between. The process that dies in between is.

Loses: place, order, refused, crash, notebook
"""


def place_order(order):
    fields = {name: order[name] for name in ("order_id", "customer", "pizza", "quantity")}
    try:
        table.put_item(
            Item={**fields, "status": "PLACED"},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if condition_failed(error):
            return
        raise
    publish(new_entry("order.placed.v1", fields)["event"])
