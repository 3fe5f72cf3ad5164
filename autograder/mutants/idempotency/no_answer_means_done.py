"""An award without an answer counts as done: the SDK has tried three times, so “one of them must have
arrived”.

Loses: refused
"""

from botocore.exceptions import HTTPClientError


def read_and_award(body):
    event = json.loads(body)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError("an event is a JSON object with a type")
    if not event["type"].startswith("order.confirmed."):
        return
    check(event)
    try:
        award(inbox_key(event), event["data"])
    except HTTPClientError as error:
        print(f"{event['id']}: no answer: {error}")
