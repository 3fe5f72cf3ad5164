"""One transaction for the batch. When it is cancelled because an order was cooked before, the others, whose
reason is None, are taken for cooked, too; they were not written.

Loses: duplicates, notebook
"""

dynamodb = boto3.client("dynamodb")


def put_of(order):
    return {
        "Put": {
            "TableName": os.environ["KITCHEN_TABLE"],
            "Item": {
                "order_id": {"S": order["order_id"]},
                "pizza": {"S": order["pizza"]},
                "quantity": {"N": str(order["quantity"])},
                "status": {"S": "COOKED"},
            },
            "ConditionExpression": "attribute_not_exists(order_id)",
        }
    }


def cook(orders):
    """Store orders that differ in their order_id; what is there already is left as it is."""
    try:
        dynamodb.transact_write_items(TransactItems=[put_of(order) for order in orders])
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = {reason["Code"] for reason in error.response["CancellationReasons"]}
        # Nothing but orders that were cooked before is no failure.
        if reasons - {"None", "ConditionalCheckFailed"}:
            raise


def handler(event, context):
    failures, records = [], {}
    for record in event["Records"]:
        try:
            order = parse_order(record["body"])
            records.setdefault(order["order_id"], []).append((record["messageId"], order))
        except Exception as error:
            print(f"{record['messageId']} is no order: {type(error).__name__}")
            failures.append(record["messageId"])
    firsts = [same[0][1] for same in records.values()]
    try:
        if firsts:
            cook(firsts)  # all of them in one call
    except Exception as error:
        print(f"one by one, because of {type(error).__name__}")
        for same in records.values():
            try:
                cook([same[0][1]])
            except Exception as error:
                print(f"{same[0][0]} failed: {type(error).__name__}")
                failures += [message_id for message_id, _ in same]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failures]}
