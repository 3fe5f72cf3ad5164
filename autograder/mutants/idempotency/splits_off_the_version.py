"""The version is what stands behind the last dot of the type. order.confirmed.v1.1 is then a version of
order.confirmed.v1, and none of loyalty’s business.

Loses: events
"""

read_what_is_ours = read_and_award


def read_and_award(body):
    event = json.loads(body)
    if isinstance(event, dict) and isinstance(event.get("type"), str):
        kind, _, version = event["type"].rpartition(".")
        if kind != "order.confirmed":
            return
    read_what_is_ours(body)
