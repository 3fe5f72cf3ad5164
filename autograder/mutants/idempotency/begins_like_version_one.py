"""Whatever begins with order.confirmed.v1 is read as version 1, to be ready for a v1.1. So is v10.

Loses: events
"""

check_version_one = check


def check(event):
    if event["type"].startswith("order.confirmed.v1"):
        event = {**event, "type": "order.confirmed.v1"}
    check_version_one(event)
