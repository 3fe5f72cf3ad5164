"""The key is made anew and stored, unless one is stored; then it is read, and an eventually consistent
read that misses it leaves each of two processes with a key of its own.

Loses: at-once
"""

import uuid


def run_saga(order):
    new = {"order_id": order["order_id"], "status": "RUNNING", "key": str(uuid.uuid4())}
    try:
        sagas.put_item(Item=new, ConditionExpression="attribute_not_exists(order_id)")
        item = new
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        item = sagas.get_item(Key={"order_id": order["order_id"]}).get("Item", new)
    order, status = {**order, "key": item["key"]}, item["status"]
    if status == "RUNNING":
        status = go_forward(order)
    if status == "UNDOING":
        undo(order)


def call(function, action, order):
    reply = functions.invoke(FunctionName=function, Payload=json.dumps({**order, "action": action}))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
