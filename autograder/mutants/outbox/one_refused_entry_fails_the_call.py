"""Ten entries a call, no two of one order. When one is refused it counts the call as failed and reports its
first record: what comes before the refused one is published again.

Loses: refused
"""


def handler(event, context):
    waiting = [r for r in event["Records"] if "outbox" in r["dynamodb"].get("NewImage", {})]
    while waiting:
        call = waiting[:1]
        for record in waiting[1:10]:
            if any(record["dynamodb"]["Keys"] == other["dynamodb"]["Keys"] for other in call):
                break
            call.append(record)
        waiting = waiting[len(call) :]
        failed = publish_all(call)
        if failed:
            return {
                "batchItemFailures": [{"itemIdentifier": failed[0]["dynamodb"]["SequenceNumber"]}]
            }
    return {"batchItemFailures": []}


def publish_all(records):
    entries = [record["dynamodb"]["NewImage"]["outbox"]["M"] for record in records]
    requests = [
        {
            "EventBusName": os.environ["EVENT_BUS"],
            "Source": SOURCE,
            "DetailType": json.loads(entry["event"]["S"])["type"],
            "Detail": entry["event"]["S"],
        }
        for entry in entries
    ]
    done = 0
    try:
        if events.put_events(Entries=requests)["FailedEntryCount"]:
            return records
        for record, entry in zip(records, entries):
            clear(record["dynamodb"]["Keys"]["order_id"]["S"], entry["id"]["S"])
            done += 1
    except Exception as error:
        print(error)
    return records[done:]
