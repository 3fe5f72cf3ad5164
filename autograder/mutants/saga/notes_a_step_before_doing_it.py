"""How far the saga has come is written down before each step. Killed in between, the next delivery
believes that the step was done.

Loses: retry, charge-once, crash, undo-crash, undo-fails, at-once, notebook
"""


def go_forward(order):
    key = {"order_id": order["order_id"]}
    came_to = int(sagas.get_item(Key=key, ConsistentRead=True)["Item"].get("step", 0))
    try:
        for number, (function, action, _) in enumerate(STEPS):
            if number >= came_to:
                change(order, "SET step = :new", number + 1)
                call(function, action, order)
    except Refused as refusal:
        return decide(order, "UNDOING", str(refusal))
    return decide(order, "CONFIRMED")


def change(order, update, status, reason=None, only_if=None):
    names = {"#status": "status"} if "#status" in update or only_if else {}
    values = {":new": status, ":reason": reason, ":only_if": only_if}
    condition = {"ConditionExpression": "#status = :only_if"} if only_if else {}
    names = {"ExpressionAttributeNames": names} if names else {}
    return sagas.update_item(
        Key={"order_id": order["order_id"]},
        UpdateExpression=update,
        ExpressionAttributeValues={name: value for name, value in values.items() if value},
        ReturnValues="ALL_NEW",
        **names,
        **condition,
    )["Attributes"]
