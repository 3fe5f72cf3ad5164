"""Knows a refusal by a word in its name. ConnectionRefusedError is no refusal of anybody's.

Loses: retry
"""


def call(function, action, order):
    request = {**order, "action": action, "key": order["order_id"]}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    for refusal, word in zip(REFUSALS, ("OutOf", "Declined", "Refused"), strict=True):
        if word in answer.get("errorType", ""):
            raise Refused(refusal)
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
