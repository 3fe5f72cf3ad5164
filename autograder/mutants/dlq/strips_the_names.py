"""Names are trimmed, since people leave blanks behind. The order is then not stored as it came.

Loses: cook, notebook
"""


def cook(order, store=cook):
    store({**order, "pizza": order["pizza"].strip()})
