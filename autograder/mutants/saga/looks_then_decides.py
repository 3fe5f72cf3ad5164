"""Before it writes the outcome down, it looks whether somebody else has. Between the look and the
write there is room for somebody else.

Loses: at-once
"""


def decide(order, status, reason=None):
    item = sagas.get_item(Key={"order_id": order["order_id"]}, ConsistentRead=True)["Item"]
    if item["status"] != "RUNNING":
        return item["status"]
    update = "SET #status = :new" + (", reason = :reason" if reason else "")
    return change(order, update, status, reason=reason)["status"]
