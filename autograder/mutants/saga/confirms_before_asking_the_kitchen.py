"""The customer wants to know quickly, so the order is confirmed once it is paid; the kitchen will hardly
refuse. It does.

Loses: undo, retry, charge-once, crash, undo-crash, undo-fails, at-once, notebook
"""


def go_forward(order):
    try:
        for function, action, _ in STEPS[:2]:
            call(function, action, order)
        status = decide(order, "CONFIRMED")
        if status == "CONFIRMED":
            call(*STEPS[2][:2], order)
        return status
    except Refused as refusal:
        return decide(order, "UNDOING", str(refusal))
