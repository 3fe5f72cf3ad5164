"""A new call of PutEvents begins when the order is that of the entry before; with another order in between,
both entries of one order are in one call.

Loses: refused
"""


def handler(event, context):
    call = []
    for record in [r for r in event["Records"] if "outbox" in r["dynamodb"].get("NewImage", {})]:
        if call and (len(call) == 10 or order_of(call[-1]) == order_of(record)):
            if failed := publish_all(call):
                return failed
            call = []
        call.append(record)
    return publish_all(call) if call else None


def order_of(record):
    return record["dynamodb"]["Keys"]["order_id"]["S"]


def publish_all(call):
    entries = [record["dynamodb"]["NewImage"]["outbox"]["M"] for record in call]
    requests = [
        {
            "EventBusName": os.environ["EVENT_BUS"],
            "Source": SOURCE,
            "DetailType": json.loads(entry["event"]["S"])["type"],
            "Detail": entry["event"]["S"],
        }
        for entry in entries
    ]
    failed = []
    results = events.put_events(Entries=requests)["Entries"]
    for record, entry, result in zip(call, entries, results):
        if "EventId" in result:
            clear(order_of(record), entry["id"]["S"])
        else:
            failed.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
    return {"batchItemFailures": failed} if failed else None
