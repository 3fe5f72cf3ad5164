"""The time is set when the event is published, and tells when the publisher had time for it.

Loses: publish, notebook
"""


def publish(text):
    event = {**json.loads(text), "time": datetime.now(timezone.utc).isoformat()}
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
