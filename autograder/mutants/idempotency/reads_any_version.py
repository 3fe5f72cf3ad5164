"""Every version of order.confirmed is read as the first one. The second may mean something else by the same
names.

Loses: events
"""


def read_and_award(body):
    event = json.loads(body)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError("an event is a JSON object with a type")
    if event["type"].startswith("order.confirmed."):
        event["type"] = "order.confirmed.v1"
        check(event)
        award(inbox_key(event), event["data"])
