"""Whoever finds the saga begun leaves it to the one who began it. If that one died, nobody ever goes on.

Loses: undo, retry, charge-once, crash, undo-crash, undo-fails, at-once, notebook
"""


def run_saga(order):
    try:
        sagas.put_item(
            Item={"order_id": order["order_id"], "status": "RUNNING"},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        print("somebody else is working on it")
        return
    if go_forward(order) == "UNDOING":
        undo(order)
