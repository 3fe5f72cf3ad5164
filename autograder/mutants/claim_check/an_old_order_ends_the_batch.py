"""An order that is in the table already ends the whole batch: it must have been delivered before. New orders
that come after it are never packed.

Loses: duplicates, notebook
"""


class AlreadyPacked(Exception):
    """The order is in the table."""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            pack(parse_order(document_of(record)))
        except AlreadyPacked:
            break  # this batch was delivered before
        except Exception as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def pack(order):
    try:
        table.put_item(Item=order, ConditionExpression="attribute_not_exists(order_id)")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        raise AlreadyPacked(order["order_id"]) from error
