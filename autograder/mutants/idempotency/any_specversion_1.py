"""Whatever specversion begins with 1. is read, because minor versions are compatible. The contract says
1.0 alone.

Loses: events
"""

check_version_one = check


def check(event):
    if str(event.get("specversion")).startswith("1."):
        event = {**event, "specversion": "1.0"}
    check_version_one(event)
