"""Takes the entries out of the records first, and reports a failure by its place among the entries. With a
record that has none before it, what is reported comes too early, and an event is published again.

Loses: refused
"""


def handler(event, context):
    images = [record["dynamodb"].get("NewImage", {}) for record in event["Records"]]
    entries = [image["outbox"]["M"] for image in images if "outbox" in image]
    for number, entry in enumerate(entries):
        try:
            publish(entry["event"]["S"])
            clear(json.loads(entry["event"]["S"])["subject"], entry["id"]["S"])
        except Exception as error:
            failed = event["Records"][number]
            print(f"{failed['dynamodb']['Keys']} failed: {error}")
            return {"batchItemFailures": [{"itemIdentifier": failed["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}
