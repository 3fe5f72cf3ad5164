"""Whatever is JSON and has the fields is an order: a quantity of "2" or -2 reaches the table.

Loses: poison, notebook
"""


def parse_order(body):
    order = json.loads(body)
    order["order_id"], order["pizza"], order["quantity"]
    return order
