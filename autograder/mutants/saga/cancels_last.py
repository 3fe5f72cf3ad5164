"""The kitchen has refused, so the cancel only closes the key, and comes last. Where another process was
accepted, the money is given back while the kitchen bakes.

Loses: at-once
"""


def undo(order):
    inventory, payments, kitchen = STEPS
    for function, _, action in (payments, inventory, kitchen):
        call(function, action, order)
    change(order, "SET #status = :new", "FAILED")
