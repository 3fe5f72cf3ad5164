"""Keys go into other services' logs and headers, so they are ASCII, with question marks for the rest. Zoë and
Zoé have one key then.

Loses: confirm, notebook
"""


def key_of(order):
    return order["order_id"].encode("ascii", "replace").decode()


def call(function, action, order):
    request = {**order, "action": action, "key": key_of(order)}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
