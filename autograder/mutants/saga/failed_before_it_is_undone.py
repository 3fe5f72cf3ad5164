"""FAILED is written as soon as a participant refuses, and the undoing comes after. Killed or refused
in between, the next delivery finds an ended saga and leaves the charge where it is.

Loses: undo-crash, undo-fails, at-once, notebook
"""


def run_saga(order):
    status = begin(order)
    if status == "RUNNING":
        try:
            for function, action, _ in STEPS:
                call(function, action, order)
        except Refused as refusal:
            if decide(order, "FAILED", str(refusal)) == "FAILED":
                for function, _, action in reversed(STEPS):
                    call(function, action, order)
            return
        decide(order, "CONFIRMED")
