"""Nothing is written down before the undo is over. Killed on the way, the next delivery knows nothing
of a refusal and begins again, with keys that are closed.

Loses: undo-crash, undo-fails, at-once, notebook
"""


def run_saga(order):
    if begin(order) != "RUNNING":
        return
    try:
        for function, action, _ in STEPS:
            call(function, action, order)
    except Refused as refusal:
        for function, _, action in reversed(STEPS):
            call(function, action, order)
        update = "SET #status = :new, reason = :reason"
        change(order, update, "FAILED", reason=str(refusal))
        return
    change(order, "SET #status = :new", "CONFIRMED")
