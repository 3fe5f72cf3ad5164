"""Orders are typed in by people, so blanks around the number are taken off. Two orders that differ in a blank
become one.

Loses: confirm
"""


def handler(event, context):
    """Bring each order's saga to its end; report the records of those that are not there yet."""
    failures = []
    for record in event["Records"]:
        try:
            run_saga(read(record["body"]))
        except Exception as error:
            print(f"{record['messageId']} is not finished: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def read(body):
    """The order of a message, its number without the blanks around it."""
    order = json.loads(body)
    order["order_id"] = order["order_id"].strip()
    return order
