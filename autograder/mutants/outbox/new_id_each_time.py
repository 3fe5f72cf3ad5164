"""The event gets its id when it is published, since that is where the envelope is filled in. Published
again after a crash, it has another id, and everyone takes it for a second order.

Loses: silence, order, meanwhile, refused, crash, notebook
"""


def publish(text):
    event = {**json.loads(text), "id": str(uuid.uuid4())}
    reply = events.put_events(
        Entries=[
            {
                "EventBusName": os.environ["EVENT_BUS"],
                "Source": SOURCE,
                "DetailType": event["type"],
                "Detail": json.dumps(event),
            }
        ]
    )
    if reply["FailedEntryCount"]:
        raise RuntimeError(reply["Entries"][0].get("ErrorCode"))
