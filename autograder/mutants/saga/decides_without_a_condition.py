"""The outcome is written down without a condition: the last of two processes wins, whatever the other
has done meanwhile.

Loses: at-once
"""


def decide(order, status, reason=None):
    update = "SET #status = :new" + (", reason = :reason" if reason else "")
    return change(order, update, status, reason=reason)["status"]
