"""After five deliveries the customer is told FAILED; what could not be undone is tried on behind the scenes.

Loses: undo-fails
"""


def handler(event, context):
    """Bring each order's saga to its end; report the records of those that are not there yet."""
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
    """Go on where the saga of this order stands."""
    status = begin(order)
    if status == "RUNNING":
        status = go_forward(order)
    if status == "UNDOING" or (status == "FAILED" and still_open(order)):
        undo(order)


def undo(order):
    """Undo every step, last first.

    Also those that were not done, as far as this invocation knows: another may be about to do them,
    and what is undone stays undone.
    """
    for function, _, action in reversed(STEPS):
        call(function, action, order)
    change(order, "SET #status = :new REMOVE still_open", "FAILED")


def show_as_failed(order):
    """The customer should not look at UNDOING for hours: nothing else can come of it."""
    try:
        change(order, "SET #status = :new, still_open = :new", "FAILED", only_if="UNDOING")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def still_open(order):
    """Whether something is left to undo."""
    key = {"order_id": order["order_id"]}
    return "still_open" in sagas.get_item(Key=key, ConsistentRead=True)["Item"]
