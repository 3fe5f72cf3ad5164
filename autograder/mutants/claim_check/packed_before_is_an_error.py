"""A refused condition is an error like any other: the record is reported, although the order is
packed, and ends in the dead-letter queue.

Loses: duplicates, refused, crash, notebook
"""


def pack(order):
    table.put_item(Item=order, ConditionExpression="attribute_not_exists(order_id)")
