"""After five deliveries the customer is told FAILED; what could not be undone is tried on behind the scenes.

Loses: undo-fails
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            order = json.loads(record["body"])
            try:
                run_saga(order)
            except Exception:
                if int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)) >= 5:
                    show_as_failed(order)
                raise
        except Exception as error:
            print(f"{record['messageId']} is not finished: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def run_saga(order):
    status = begin(order)
    if status == "RUNNING":
        status = go_forward(order)
    if status == "UNDOING" or (status == "FAILED" and still_open(order)):
        undo(order)


def undo(order):
    for function, _, action in reversed(STEPS):
        call(function, action, order)
    change(order, "SET #status = :new REMOVE still_open", "FAILED")


def show_as_failed(order):
    try:
        change(order, "SET #status = :new, still_open = :new", "FAILED", only_if="UNDOING")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def still_open(order):
    key = {"order_id": order["order_id"]}
    return "still_open" in sagas.get_item(Key=key, ConsistentRead=True)["Item"]
