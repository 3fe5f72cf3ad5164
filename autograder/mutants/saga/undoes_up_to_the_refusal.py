"""The steps up to the refused one are undone, that included. The other process is just about to do the
next one, and its key is open.

Loses: at-once
"""


def undo(order):
    key = {"order_id": order["order_id"]}
    reason = sagas.get_item(Key=key, ConsistentRead=True)["Item"]["reason"]
    for function, _, action in reversed(STEPS[: REFUSALS.index(reason) + 1]):
        call(function, action, order)
    change(order, "SET #status = :new", "FAILED")
