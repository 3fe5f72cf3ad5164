"""Envelope and order are put side by side, because that is easier to work with. A field of the order hides
the envelope’s of the same name.

Loses: award, notebook
"""


def read_and_award(body):
    event = json.loads(body)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError("an event is a JSON object with a type")
    if isinstance(event.get("data"), dict):
        event = {**event, **event["data"], "data": event["data"]}
    if not str(event["type"]).startswith("order.confirmed."):
        return
    check(event)
    award(inbox_key(event), event["data"])
