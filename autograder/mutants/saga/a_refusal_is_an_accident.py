"""Every error of a participant is taken for an accident, and the order is delivered again and again: the
declined card is charged until closing time.

Loses: undo, undo-crash, undo-fails, notebook
"""


def call(function, action, order):
    request = {**order, "action": action, "key": order["order_id"]}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" in reply:
        raise RuntimeError(answer["errorType"])
