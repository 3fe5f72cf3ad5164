"""A set of events that this process has awarded saves calls. A process may live longer than seven days, and
its set forgets nothing.

Loses: seven-days, notebook
"""

SEEN = set()


def read_and_award(body):
    event = json.loads(body)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError("an event is a JSON object with a type")
    if not event["type"].startswith("order.confirmed."):
        return
    check(event)
    key = inbox_key(event)
    if key not in SEEN:
        award(key, event["data"])
        SEEN.add(key)
