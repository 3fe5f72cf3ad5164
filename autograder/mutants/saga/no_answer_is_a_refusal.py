"""A participant that cannot be reached has refused, for this code. The saga of an order that nobody refused
ends FAILED.

Loses: retry, charge-once, undo-fails, notebook
"""

from botocore.exceptions import HTTPClientError


def call(function, action, order):
    request = {**order, "action": action, "key": order["order_id"]}
    try:
        reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    except HTTPClientError:
        raise Refused("Unreachable")
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
