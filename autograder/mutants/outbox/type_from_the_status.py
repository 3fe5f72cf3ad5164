"""The DetailType follows from the order's status, which somebody else may have changed while the entry waited.

Loses: silence, notebook
"""


def process(record):
    image = record["dynamodb"].get("NewImage", {})
    entry = image.get("outbox", {}).get("M")
    if entry:
        publish(entry["event"]["S"], f"order.{image['status']['S'].lower()}.v1")
        clear(image["order_id"]["S"], entry["id"]["S"])


def publish(text, detail_type):
    reply = events.put_events(
        Entries=[
            {
                "EventBusName": os.environ["EVENT_BUS"],
                "Source": SOURCE,
                "DetailType": detail_type,
                "Detail": text,
            }
        ]
    )
    if reply["FailedEntryCount"]:
        raise RuntimeError(reply["Entries"][0].get("ErrorCode"))
