"""The item is changed with PartiQL, and the order's number is put into the statement's text. O'Hara's order
ends the text too early.

Loses: confirm
"""


def begin(order):
    """Open the saga of this order unless there is one; return its status."""
    try:
        sagas.put_item(
            Item={"order_id": order["order_id"], "status": "RUNNING"},
            ConditionExpression="attribute_not_exists(order_id)",
        )
        return "RUNNING"
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    return sagas.get_item(Key={"order_id": order["order_id"]}, ConsistentRead=True)["Item"][
        "status"
    ]


def change(order, update, status, reason=None, only_if=None):
    """Update a saga's item and return it as it is then."""
    where = f"WHERE order_id = '{order['order_id']}'"
    statement = f"""UPDATE "{sagas.name}" SET "status" = '{status}' """
    if reason:
        statement += f"SET reason = '{reason}' "
    statement += where
    if only_if:
        statement += f""" AND "status" = '{only_if}'"""
    sagas.meta.client.execute_statement(Statement=statement)
    return {"status": status}
