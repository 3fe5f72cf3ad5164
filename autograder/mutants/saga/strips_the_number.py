"""Orders are typed in by people, so blanks around the number are taken off. Two orders that differ in a blank
become one.

Loses: confirm, notebook
"""


def run_saga(order):
    order["order_id"] = order["order_id"].strip()
    status = begin(order)
    if status == "RUNNING":
        status = go_forward(order)
    if status == "UNDOING":
        undo(order)
