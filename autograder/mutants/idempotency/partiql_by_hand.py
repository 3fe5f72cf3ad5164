"""The values are written into PartiQL statements between quotation marks. O'Hara ends the text too early.

Loses: award, notebook
"""


def award(event_id, order):
    points, expires_at = order["pizzas"], int(time.time()) + SEVEN_DAYS
    order_id, customer = order["order_id"], order["customer"]
    known = dynamodb.execute_statement(
        Statement=f"SELECT points FROM \"{POINTS}\" WHERE customer = '{customer}'",
        ConsistentRead=True,
    )["Items"]
    if known:
        add_points = (
            f"UPDATE \"{POINTS}\" SET points = points + {points} WHERE customer = '{customer}'"
        )
    else:
        add_points = (
            f"INSERT INTO \"{POINTS}\" VALUE {{'customer': '{customer}', 'points': {points}}}"
        )
    statements = [
        f'INSERT INTO "{AWARDS}" VALUE '
        f"{{'order_id': '{order_id}', 'customer': '{customer}', 'points': {points}}}",
        add_points,
    ]
    note_event = {
        "Statement": f"INSERT INTO \"{INBOX}\" VALUE {{'event_id': ?, 'expires_at': {expires_at}}}",
        "Parameters": [{"S": event_id}],
    }
    try:
        dynamodb.execute_transaction(
            TransactStatements=[note_event, *({"Statement": s} for s in statements)]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if not {"ConditionalCheckFailed", "DuplicateItem"} & set(reasons[:2]):
            raise
