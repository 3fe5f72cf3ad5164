"""A key has few characters in other systems, so the order's number is cut. Two long ones that differ at
their end are one order then.

Loses: confirm, notebook
"""


def call(function, action, order):
    request = {**order, "action": action, "key": order["order_id"][:64]}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
