"""Whoever undoes a saga writes why into it with FAILED: each the refusal it met itself, also when the other
has decided for another reason.

Loses: at-once
"""


def run_saga(order):
    """Go on where the saga of this order stands."""
    saga = begin(order)
    status, reason = saga["status"], saga.get("reason")
    if status == "RUNNING":
        status, reason = go_forward(order)
    if status == "UNDOING":
        undo(order, reason)


def begin(order):
    """Open the saga of this order unless there is one; return it."""
    return change(order, "SET #status = if_not_exists(#status, :new)", "RUNNING")


def go_forward(order):
    """Do every step; return what became of the saga, and why."""
    try:
        for function, action, _ in STEPS:
            call(function, action, order)
    except Refused as refusal:
        reason = str(refusal)
        return decide(order, "UNDOING", reason), reason
    return decide(order, "CONFIRMED"), None


def undo(order, reason):
    """Undo every step, last first.

    Also those that were not done, as far as this invocation knows: another may be about to do them,
    and what is undone stays undone.
    """
    for function, _, action in reversed(STEPS):
        call(function, action, order)
    update = "SET #status = :new" + (", reason = :reason" if reason else "")
    change(order, update, "FAILED", reason=reason)
