"""When the time to live cannot be set, the table is deleted, to leave nothing half-made behind. It may have
been there before, with entries.

Loses: inbox, notebook
"""


def create_inbox():
    with contextlib.suppress(dynamodb.exceptions.ResourceInUseException):
        dynamodb.create_table(
            TableName=INBOX,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "event_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "event_id", "AttributeType": "S"}],
        )
    dynamodb.get_waiter("table_exists").wait(TableName=INBOX)
    try:
        reply = dynamodb.describe_time_to_live(TableName=INBOX)
        if reply["TimeToLiveDescription"]["TimeToLiveStatus"] not in ("ENABLED", "ENABLING"):
            dynamodb.update_time_to_live(
                TableName=INBOX,
                TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
            )
    except Exception:
        dynamodb.delete_table(TableName=INBOX)
        raise
