"""An undo that fails is logged, and the others go on; then the saga is FAILED. Who was charged stays
charged.

Loses: undo-fails
"""


def undo(order):
    for function, _, action in reversed(STEPS):
        try:
            call(function, action, order)
        except Exception as error:
            print(f"could not {action}: {error}")
    change(order, "SET #status = :new", "FAILED")
