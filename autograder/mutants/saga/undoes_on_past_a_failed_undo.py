"""A refund that fails does not hold up the release; then the order is reported, and all is undone once
more. Meanwhile the pizzas are on sale and the money is not back.

Loses: undo-fails
"""


def undo(order):
    problem = None
    for function, _, action in reversed(STEPS):
        try:
            call(function, action, order)
        except Exception as error:
            problem = error
    if problem:
        raise problem
    change(order, "SET #status = :new", "FAILED")
