"""Only the key is stored, as in a table of seen ids.

Loses: store, bad, crash, notebook
"""


def store(visit):
    try:
        table.put_item(
            Item={"visit_id": visit["visit_id"]},
            ConditionExpression="attribute_not_exists(visit_id)",
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        pass
