"""The key is made of the order as its message has it. Another program writes the same order with its
members in another order, and the card is charged twice.

Loses: undo, charge-once, at-once, notebook
"""

import hashlib


def call(function, action, order):
    key = hashlib.sha256(json.dumps(order).encode()).hexdigest()
    reply = functions.invoke(
        FunctionName=function, Payload=json.dumps({**order, "action": action, "key": key})
    )
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
