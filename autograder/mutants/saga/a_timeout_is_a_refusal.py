"""Every error of a participant is taken for a no. A payment that only took too long costs the customer
the dinner.

Loses: retry, charge-once, notebook
"""


def call(function, action, order):
    request = {**order, "action": action, "key": order["order_id"]}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" in reply:
        raise Refused(answer["errorType"])
