"""The events are items of their own, written in a transaction with the order. State and event are one
write, but the stream keeps only the changes of one item in order, and the table fills with what is no order.

Loses: place, confirm, meanwhile, refused, crash, notebook
"""

client = boto3.client("dynamodb")


def place_order(order):
    fields = {name: order[name] for name in ("order_id", "customer", "pizza", "quantity")}
    item = {name: {"S": str(value)} for name, value in fields.items()}
    item["quantity"] = {"N": str(fields["quantity"])}
    try:
        client.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": table.name,
                        "Item": {**item, "status": {"S": "PLACED"}},
                        "ConditionExpression": "attribute_not_exists(order_id)",
                    }
                },
                {"Put": entry_item(new_entry("order.placed.v1", fields))},
            ]
        )
    except client.exceptions.TransactionCanceledException as error:
        if not any(
            r["Code"] == "ConditionalCheckFailed" for r in error.response["CancellationReasons"]
        ):
            raise


def confirm_order(order_id):
    try:
        client.transact_write_items(
            TransactItems=[
                {
                    "Update": {
                        "TableName": table.name,
                        "Key": {"order_id": {"S": order_id}},
                        "UpdateExpression": "SET #status = :confirmed",
                        "ConditionExpression": "#status = :placed",
                        "ExpressionAttributeNames": {"#status": "status"},
                        "ExpressionAttributeValues": {
                            ":placed": {"S": "PLACED"},
                            ":confirmed": {"S": "CONFIRMED"},
                        },
                        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                    }
                },
                {"Put": entry_item(new_entry("order.confirmed.v1", {"order_id": order_id}))},
            ]
        )
    except client.exceptions.TransactionCanceledException as error:
        reason = error.response["CancellationReasons"][0]
        if reason["Code"] != "ConditionalCheckFailed":
            raise
        if "Item" not in reason:
            raise LookupError(order_id) from error


def entry_item(entry):
    return {
        "TableName": table.name,
        "Item": {"order_id": {"S": "outbox#" + entry["id"]}, "event": {"S": entry["event"]}},
    }


def process(record):
    image = record["dynamodb"].get("NewImage", {})
    if image.get("order_id", {}).get("S", "").startswith("outbox#"):
        publish(image["event"]["S"])
        table.delete_item(Key={"order_id": image["order_id"]["S"]})
