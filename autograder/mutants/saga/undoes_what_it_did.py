"""Only the steps before the refusal are undone; the others were never done, as far as this process
knows. The other process is just about to do them, and their keys are open.

Loses: at-once
"""


def undo(order):
    key = {"order_id": order["order_id"]}
    reason = sagas.get_item(Key=key, ConsistentRead=True)["Item"]["reason"]
    for function, _, action in reversed(STEPS[: REFUSALS.index(reason)]):
        call(function, action, order)
    change(order, "SET #status = :new", "FAILED")
