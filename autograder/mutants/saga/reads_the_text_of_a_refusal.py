"""Knows a refusal by the words of its message, as they stand in participants.py today. Not enough memory
is no lack of pizza, and a card may be declined in other words.

Loses: undo, retry, notebook
"""

WORDS = {
    "not enough": "OutOfStock",
    "declined": "CardDeclined",
    "do not fit": "KitchenRefused",
}


def call(function, action, order):
    request = {**order, "action": action, "key": order["order_id"]}
    reply = functions.invoke(FunctionName=function, Payload=json.dumps(request))
    answer = json.loads(reply["Payload"].read())
    if "FunctionError" not in reply:
        return
    for words, refusal in WORDS.items():
        if words in answer.get("errorMessage", ""):
            raise Refused(refusal)
    raise RuntimeError(f"{action}: {answer.get('errorType')}: {answer.get('errorMessage')}")
