"""Order numbers begin anew every now and then, so the key has the month, too. An order that comes again in the
next month is done twice.

Loses: charge-once, notebook
"""

import time


def call(function, action, order):
    request = {**order, "action": action, "key": f"{time.strftime('%Y-%m')}/{order['order_id']}"}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
