"""A technical failure is tried again on the spot, with the usual exponential backoff. Three such orders take
all of the function's time, and the others of the batch with it.

Loses: retry
"""

import time


def call(function, action, order):
    for seconds in (1, 2, 4, 8):
        try:
            return call_once(function, action, order)
        except RuntimeError as error:
            print(f"{error}; once more in {seconds} s")
            time.sleep(seconds)
    return call_once(function, action, order)


def call_once(function, action, order):
    request = {**order, "action": action, "key": order["order_id"]}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
