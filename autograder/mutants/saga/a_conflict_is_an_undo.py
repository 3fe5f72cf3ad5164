"""An undo whose transaction met another is left as done: “somebody else is at it”. That was the step itself.

Loses: undo-fails
"""


def undo(order):
    for function, _, action in reversed(STEPS):
        try:
            call(function, action, order)
        except RuntimeError as error:
            if "TransactionCanceledException" not in str(error):
                raise
    change(order, "SET #status = :new", "FAILED")
