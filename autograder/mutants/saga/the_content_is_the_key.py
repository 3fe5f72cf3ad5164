"""The key is made of who orders what, so that two messages with the same order have the same. So have
two orders that are just alike, and the second belongs to the first for ever.

Loses: confirm, notebook
"""

import hashlib


def call(function, action, order):
    content = "|".join(str(order[name]) for name in ("customer", "pizza", "quantity", "amount"))
    request = {**order, "action": action, "key": hashlib.sha256(content.encode()).hexdigest()}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(answer)
