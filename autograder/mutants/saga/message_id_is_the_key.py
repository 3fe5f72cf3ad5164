"""The message id is unique and comes for free, so it became the key. Two messages with the same order
make two reservations and two charges.

Loses: undo, charge-once, at-once, notebook
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            run_saga({**json.loads(record["body"]), "message": record["messageId"]})
        except Exception:
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def call(function, action, order):
    request = {**order, "action": action, "key": order["message"]}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    if answer.get("errorType") in REFUSALS:
        raise Refused(answer["errorType"])
    raise RuntimeError(answer)
