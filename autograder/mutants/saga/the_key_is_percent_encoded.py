"""The key is percent-encoded, to be safe anywhere. Of a long number with spaces and umlauts it is longer
than a key may be.

Loses: confirm, notebook
"""

from urllib.parse import quote


def call(function, action, order):
    request = {**order, "action": action, "key": quote(order["order_id"], safe="")}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
