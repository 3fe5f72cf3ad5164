"""The undo gets a key of its own, “refund-17”: it is another request, after all. Payments find nothing to
undo under it, and say that all is well.

Loses: undo, undo-crash, undo-fails, at-once, notebook
"""


def call(function, action, order):
    request = {**order, "action": action, "key": f"{action}-{order['order_id']}"}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(answer)
