"""An undo that fails for a bug of the participant's would fail for ever, so it is logged for support, and
holds up nobody.

Loses: undo-fails
"""

# Errors of code, not of the moment: the same request would end in the same error.
BUGS = ("AttributeError", "IndexError", "KeyError", "NameError", "TypeError", "ValueError")


class Permanent(RuntimeError):
    """What is not worth another try."""


def undo(order):
    for function, _, action in reversed(STEPS):
        try:
            call(function, action, order)
        except Permanent as error:
            print(f"SUPPORT: order {order['order_id']}: {error}")
    change(order, "SET #status = :new", "FAILED")


def call(function, action, order):
    request = {**order, "action": action, "key": order["order_id"]}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    kind = Permanent if answer.get("errorType") in BUGS else RuntimeError
    raise kind(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
