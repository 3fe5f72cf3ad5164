"""Time-outs and dead processes are accidents; every other error, so also a throttled table of the
participant's, is taken for a no.

Loses: retry
"""


def call(function, action, order):
    request = {**order, "action": action, "key": order["order_id"]}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer["errorType"].startswith(("Sandbox.", "Runtime.")) or action in [s[2] for s in STEPS]:
        raise RuntimeError(answer)
    raise Refused(answer["errorType"])
