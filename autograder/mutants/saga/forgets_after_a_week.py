"""What has ended is kept for a week, as if nothing came later. A message that lay in a dead-letter queue
for longer is a new order.

Loses: confirm, undo, notebook
"""

import time

WEEK_S = 7 * 24 * 60 * 60


def run_saga(order):
    item = change(order, "SET #status = if_not_exists(#status, :new)", "RUNNING")
    if "until" in item and item["until"] < time.time():
        sagas.delete_item(Key={"order_id": order["order_id"]})
        item = change(order, "SET #status = :new", "RUNNING")
    status = item["status"]
    if status == "RUNNING":
        status = go_forward(order)
    if status == "UNDOING":
        undo(order)
    if "until" not in item:
        sagas.update_item(
            Key={"order_id": order["order_id"]},
            UpdateExpression="SET #until = :until",
            ExpressionAttributeNames={"#until": "until"},
            ExpressionAttributeValues={":until": int(time.time() + WEEK_S)},
        )
