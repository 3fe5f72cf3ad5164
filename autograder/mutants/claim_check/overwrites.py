"""The item is put without a condition: an order that comes again is PACKED again, also when it has
been delivered.

Loses: duplicates, notebook
"""


def pack(order):
    table.put_item(Item=order)
