"""Clears the outbox with a statement into which the order's number is pasted. O'Brien-17 ends the text too
early.

Loses: publish, notebook
"""


def clear(order_id, event_id):
    try:
        table.meta.client.execute_statement(
            Statement=f'UPDATE "{table.name}" REMOVE outbox'
            f" WHERE order_id = '{order_id}' AND outbox.id = '{event_id}'"
        )
    except ClientError as error:
        if not condition_failed(error):
            raise
