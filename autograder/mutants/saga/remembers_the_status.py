"""A warm environment remembers the status of the sagas it has worked on, which saves a write. Another
environment may have ended one of them meanwhile.

Loses: undo, notebook
"""

KNOWN = {}  # order_id -> status, while this environment is warm


def begin(order):
    if order["order_id"] not in KNOWN:
        saga = change(order, "SET #status = if_not_exists(#status, :new)", "RUNNING")
        KNOWN[order["order_id"]] = saga["status"]
    return KNOWN[order["order_id"]]


def decide(order, status, reason=None):
    update = "SET #status = :new" + (", reason = :reason" if reason else "")
    try:
        change(order, update, status, reason=reason, only_if="RUNNING")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    found = sagas.get_item(Key={"order_id": order["order_id"]}, ConsistentRead=True)
    KNOWN[order["order_id"]] = found["Item"]["status"]
    return KNOWN[order["order_id"]]


def undo(order):
    for function, _, action in reversed(STEPS):
        call(function, action, order)
    change(order, "SET #status = :new", "FAILED")
    KNOWN[order["order_id"]] = "FAILED"
