"""Ten entries a call, no two of one order. The place of a refused entry in its call is taken for its place
among all entries of the batch.

Loses: refused
"""


def handler(event, context):
    waiting = [r for r in event["Records"] if "outbox" in r["dynamodb"].get("NewImage", {})]
    for call in calls_of(waiting):
        for i, result in enumerate(put(call)):
            try:
                if "EventId" not in result:
                    raise RuntimeError(result["ErrorCode"])
                clear(order_of(call[i]), entry_of(call[i])["id"]["S"])
            except Exception:
                number = waiting[i]["dynamodb"]["SequenceNumber"]
                return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}


def calls_of(records):
    call = []
    for record in records:
        if len(call) == 10 or any(order_of(record) == order_of(other) for other in call):
            yield call
            call = []
        call.append(record)
    if call:
        yield call


def put(call):
    texts = [entry_of(record)["event"]["S"] for record in call]
    entry = {"EventBusName": os.environ["EVENT_BUS"], "Source": SOURCE}
    requests = [{**entry, "DetailType": json.loads(text)["type"], "Detail": text} for text in texts]
    try:
        return events.put_events(Entries=requests)["Entries"]
    except Exception as error:
        return [{"ErrorCode": str(error)}] * len(call)


def entry_of(record):
    return record["dynamodb"]["NewImage"]["outbox"]["M"]


def order_of(record):
    return record["dynamodb"]["Keys"]["order_id"]["S"]
