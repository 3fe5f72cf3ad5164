"""The key has letters, digits and hyphens alone, as in the address of a page. a.1 and a_1 are one order
then.

Loses: confirm, notebook
"""

import re


def call(function, action, order):
    request = {**order, "action": action, "key": re.sub(r"[^A-Za-z0-9-]+", "-", order["order_id"])}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
