"""FAILED is written with the refusal, and beside it whether the saga is compensated. The next delivery
goes on, but who looks at the status meanwhile takes the money for given back.

Loses: undo-crash, undo-fails
"""


def run_saga(order):
    item = change(order, "SET #status = if_not_exists(#status, :new)", "RUNNING")
    if item["status"] == "RUNNING":
        item = {"status": go_forward(order)}
    if item["status"] == "FAILED" and "compensated" not in item:
        for function, _, action in reversed(STEPS):
            call(function, action, order)
        change(order, "SET #status = :new, compensated = :new", "FAILED")


def go_forward(order):
    try:
        for function, action, _ in STEPS:
            call(function, action, order)
    except Refused as refusal:
        return decide(order, "FAILED", str(refusal))
    return decide(order, "CONFIRMED")
