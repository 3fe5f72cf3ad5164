"""Keys in small letters, since people write A-17 and a-17. Here these are two orders.

Loses: confirm, notebook
"""


def call(function, action, order):
    request = {**order, "action": action, "key": order["order_id"].lower()}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
