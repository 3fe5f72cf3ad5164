"""The key is a digest of the number, cut to 32 bits. Two orders have the same one sooner than one believes.

Loses: confirm, notebook
"""

import hashlib


def key_of(order):
    return "order-" + hashlib.sha256(order["order_id"].encode()).hexdigest()[:8]


def call(function, action, order):
    request = {**order, "action": action, "key": key_of(order)}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
