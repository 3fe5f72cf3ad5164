"""place_order publishes by itself and then stores the order: two writes to two services, and a crash in
between tells everyone of an order that does not exist. The most natural code there is.

Loses: place, order, meanwhile, refused, crash, notebook
"""


def place_order(order):
    fields = {name: order[name] for name in ("order_id", "customer", "pizza", "quantity")}
    publish(new_entry("order.placed.v1", fields)["event"])
    try:
        table.put_item(
            Item={**fields, "status": "PLACED"},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if not condition_failed(error):
            raise
