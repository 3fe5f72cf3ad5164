"""The entry is made first and filled afterwards, in two calls: killed in between, it stays empty for
ever, because the second delivery finds it there.

Loses: crash
"""


def store(visit):
    try:
        table.put_item(
            Item={"visit_id": visit["visit_id"]},
            ConditionExpression="attribute_not_exists(visit_id)",
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        return
    table.update_item(
        Key={"visit_id": visit["visit_id"]},
        UpdateExpression="SET guest = :guest",
        ExpressionAttributeValues={":guest": visit["guest"]},
    )
