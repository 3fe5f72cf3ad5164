"""The order is marked as begun before its coat is fetched, so that nobody else begins it. Killed or
refused in between, the next delivery believes that it is done.

Loses: broken, refused, crash, permissions, notebook
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            order_id = json.loads(record["body"])["order_id"]
            try:
                table.put_item(
                    Item={"order_id": order_id, "status": "PACKING"},
                    ConditionExpression="attribute_not_exists(order_id)",
                )
            except ClientError as error:
                if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                    continue
                raise
            table.put_item(Item=parse_order(document_of(record)))
        except Exception as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
