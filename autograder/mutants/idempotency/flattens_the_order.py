"""Order and envelope are put side by side, because that is easier to work with. A field of the envelope
hides the order’s of the same name.

Loses: award, notebook
"""


def read_and_award(body):
    event = json.loads(body)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError("an event is a JSON object with a type")
    if not event["type"].startswith("order.confirmed."):
        return
    check(event)
    award(inbox_key(event), {**event["data"], **event})
