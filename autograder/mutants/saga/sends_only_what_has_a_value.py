"""Only members that have a value are sent, and 0 is taken for none. What costs nothing cannot be charged then.

Loses: confirm, notebook
"""


def call(function, action, order):
    request = {**order, "action": action, "key": order["order_id"]}
    request = {name: value for name, value in request.items() if value}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
