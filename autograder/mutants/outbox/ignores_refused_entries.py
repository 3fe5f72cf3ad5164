"""put_events has not raised, so the event is thought to be published. A refused entry is only counted in
the reply.

Loses: order, refused
"""


def publish(text):
    events.put_events(
        Entries=[
            {
                "EventBusName": os.environ["EVENT_BUS"],
                "Source": SOURCE,
                "DetailType": json.loads(text)["type"],
                "Detail": text,
            }
        ]
    )
