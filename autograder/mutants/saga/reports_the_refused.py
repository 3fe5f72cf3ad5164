"""A refusal is an exception, and goes on up when it has been dealt with: the order is reported although it has
ended.

Loses: undo, notebook
"""


def run_saga(order):
    status = begin(order)
    refused = None
    if status == "RUNNING":
        try:
            status = go_forward(order)
        except Refused as refusal:
            refused = refusal
            status = decide(order, "UNDOING", str(refusal))
    if status == "UNDOING":
        undo(order)
    if refused:
        raise refused


def go_forward(order):
    for function, action, _ in STEPS:
        call(function, action, order)
    return decide(order, "CONFIRMED")
