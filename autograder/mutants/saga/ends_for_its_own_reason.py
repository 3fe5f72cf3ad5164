"""Whoever undoes a saga writes why into it with FAILED: each the refusal it met itself, also when the other
has decided for another reason.

Loses: at-once
"""


def run_saga(order):
    saga = begin(order)
    status, reason = saga["status"], saga.get("reason")
    if status == "RUNNING":
        status, reason = go_forward(order)
    if status == "UNDOING":
        undo(order, reason)


def begin(order):
    return change(order, "SET #status = if_not_exists(#status, :new)", "RUNNING")


def go_forward(order):
    try:
        for function, action, _ in STEPS:
            call(function, action, order)
    except Refused as refusal:
        reason = str(refusal)
        return decide(order, "UNDOING", reason), reason
    return decide(order, "CONFIRMED"), None


def undo(order, reason):
    for function, _, action in reversed(STEPS):
        call(function, action, order)
    update = "SET #status = :new" + (", reason = :reason" if reason else "")
    change(order, update, "FAILED", reason=reason)
