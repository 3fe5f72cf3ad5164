"""Whatever is no confirmed order is reported. The day somebody sends other events to the same queue, they
all end in the dead-letter queue.

Loses: events, notebook
"""


def read_and_award(body):
    event = json.loads(body)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError("an event is a JSON object with a type")
    check(event)
    award(inbox_key(event), event["data"])
