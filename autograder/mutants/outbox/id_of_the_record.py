"""The event takes over the eventID of the stream's record, which looks like made for it. It is the id of
a change: while the entry waits, another change of the item carries the same entry under another id.

Loses: silence, meanwhile, notebook
"""


def process(record):
    entry = record["dynamodb"].get("NewImage", {}).get("outbox", {}).get("M")
    if entry:
        event = {**json.loads(entry["event"]["S"]), "id": record["eventID"]}
        publish(json.dumps(event))
        clear(record["dynamodb"]["Keys"]["order_id"]["S"], entry["id"]["S"])
