"""What may have been done, up to the refused step, is undone last first; then the keys of the later steps are
closed. Another process may have done these, too.

Loses: at-once
"""


def run_saga(order):
    """Go on where the saga of this order stands."""
    saga = begin(order)
    if saga["status"] == "RUNNING":
        saga = go_forward(order)
    if saga["status"] == "UNDOING":
        undo(order, saga["reason"])


def begin(order):
    """Open the saga of this order unless there is one; return its status."""
    return change(order, "SET #status = if_not_exists(#status, :new)", "RUNNING")


def decide(order, status, reason=None):
    """End a running saga, which happens once; return its status, if another decided it, theirs."""
    update = "SET #status = :new" + (", reason = :reason" if reason else "")
    try:
        return change(order, update, status, reason=reason, only_if="RUNNING")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    key = {"order_id": order["order_id"]}
    return sagas.get_item(Key=key, ConsistentRead=True)["Item"]


def undo(order, reason):
    """Undo the steps up to the refused one, last first; then close the keys of those never asked for.

    Another process may be about to do them, and what is undone stays undone.
    """
    asked = REFUSALS.index(reason) + 1
    for function, _, action in (*reversed(STEPS[:asked]), *STEPS[asked:]):
        call(function, action, order)
    change(order, "SET #status = :new", "FAILED")
