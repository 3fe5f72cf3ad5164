"""The item is changed with PartiQL, and the order's number is put into the statement's text. O'Hara's order
ends the text too early.

Loses: confirm, notebook
"""


def begin(order):
    key = {"order_id": order["order_id"]}
    try:
        new = {**key, "status": "RUNNING"}
        sagas.put_item(Item=new, ConditionExpression="attribute_not_exists(order_id)")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    return sagas.get_item(Key=key, ConsistentRead=True)["Item"]["status"]


def change(order, update, status, reason=None, only_if=None):
    statement = f"""UPDATE "{sagas.name}" SET "status" = '{status}' """
    if reason:
        statement += f"SET reason = '{reason}' "
    statement += f"WHERE order_id = '{order['order_id']}'"
    if only_if:
        statement += f""" AND "status" = '{only_if}'"""
    sagas.meta.client.execute_statement(Statement=statement)
    return {"status": status}
