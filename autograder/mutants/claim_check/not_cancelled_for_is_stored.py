"""All orders of a batch in one transaction. When it is cancelled because one of them was packed before, the
reason None of the others is taken for done, and they are stored nowhere.

Loses: duplicates, notebook
"""


def handler(event, context):
    failures, orders = [], {}
    for record in event["Records"]:
        try:
            order = parse_order(document_of(record))
            if not order["order_id"]:
                raise ValueError("no order_id")
            orders.setdefault(order["order_id"], (order, []))[1].append(record["messageId"])
        except Exception as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append(record["messageId"])
    try:
        failures += store(orders)
    except Exception as error:
        print(f"the table does not take it: {error}")
        failures += [message for _, messages in orders.values() for message in messages]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failures]}


def store(orders):
    """Put all of them at once; return the messages of those that were refused."""
    client = table.meta.client
    condition = {"TableName": table.name, "ConditionExpression": "attribute_not_exists(order_id)"}
    puts = [{"Put": {"Item": order, **condition}} for order, _ in orders.values()]
    try:
        if puts:
            client.transact_write_items(TransactItems=puts)
    except client.exceptions.TransactionCanceledException as error:
        reasons = error.response["CancellationReasons"]
        fine = ("None", "ConditionalCheckFailed")  # nothing wrong, or packed before
        return [
            message
            for reason, (_, messages) in zip(reasons, orders.values(), strict=True)
            if reason["Code"] not in fine
            for message in messages
        ]
    return []
