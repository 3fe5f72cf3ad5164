"""The undo walks the steps in the order in which they were done: the pizzas are back on sale while the
customer’s money is not back yet.

Loses: undo, undo-fails, at-once, notebook
"""


def undo(order):
    for function, _, action in STEPS:
        call(function, action, order)
    change(order, "SET #status = :new", "FAILED")
