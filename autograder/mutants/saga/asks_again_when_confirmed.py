"""Each delivery does what there is to do: steps that were done answer the same again. While they cannot
answer, a CONFIRMED order is reported.

Loses: confirm, notebook
"""


def run_saga(order):
    status = begin(order)
    if status in ("RUNNING", "CONFIRMED"):
        status = go_forward(order)
    if status == "UNDOING":
        undo(order)
