"""What may have been done, up to the refused step, is undone last first; then the keys of the later steps are
closed. Another process may have done these, too.

Loses: at-once
"""


def run_saga(order):
    saga = begin(order)
    if saga["status"] == "RUNNING":
        saga = go_forward(order)
    if saga["status"] == "UNDOING":
        undo(order, saga["reason"])


def begin(order):
    return change(order, "SET #status = if_not_exists(#status, :new)", "RUNNING")


def decide(order, status, reason=None):
    update = "SET #status = :new" + (", reason = :reason" if reason else "")
    try:
        return change(order, update, status, reason=reason, only_if="RUNNING")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    key = {"order_id": order["order_id"]}
    return sagas.get_item(Key=key, ConsistentRead=True)["Item"]


def undo(order, reason):
    asked = REFUSALS.index(reason) + 1
    for function, _, action in (*reversed(STEPS[:asked]), *STEPS[asked:]):
        call(function, action, order)
    change(order, "SET #status = :new", "FAILED")
