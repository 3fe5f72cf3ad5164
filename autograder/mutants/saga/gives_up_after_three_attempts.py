"""A technical failure is tried again three times, on the spot, and then counts as a no. The trouble lasts
longer than the patience.

Loses: retry, charge-once, undo-fails, notebook
"""

import time


def call(function, action, order):
    request = {**order, "action": action, "key": order["order_id"]}
    problem = ""
    for _ in range(3):
        try:
            reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
            answer = json.loads(reply["Payload"].read())
        except Exception as error:
            problem = type(error).__name__
        else:
            if "FunctionError" not in reply:
                return
            problem = answer["errorType"]
            if problem in REFUSALS:
                break
        time.sleep(0.2)
    raise Refused(problem)


def undo(order):
    for function, _, action in reversed(STEPS):
        try:
            call(function, action, order)
        except Refused as problem:
            print(action, "given up:", problem)
    change(order, "SET #status = :new", "FAILED")
