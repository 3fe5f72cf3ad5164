"""To save a call, a claim whose order_id is in the table counts as done before its document is read. The
document may be another order's, which is never packed.

Loses: broken, notebook
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            if not packed_before(record):
                pack(parse_order(document_of(record)))
        except Exception as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def packed_before(record):
    """Whether there is no need to fetch the coat."""
    if record["messageAttributes"]["kind"]["stringValue"] != "claim":
        return False
    order_id = json.loads(record["body"]).get("order_id")
    return bool(order_id) and "Item" in table.get_item(
        Key={"order_id": order_id}, ConsistentRead=True
    )
