"""Every request gets a fresh key, as the examples of uuid4 suggest. Whoever asks again asks for another
charge, and no undo ever names the key of what it should undo.

Loses: undo, retry, charge-once, crash, undo-crash, undo-fails, at-once, notebook
"""

import uuid


def call(function, action, order):
    request = {**order, "action": action, "key": str(uuid.uuid4())}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(answer)
