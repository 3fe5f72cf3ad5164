"""Looks for the inbox among the tables, of which one reply names a hundred at most. In an account with
more, an inbox that is there is made again, which is an error.

Loses: inbox, notebook
"""


def create_inbox():
    if INBOX not in dynamodb.list_tables()["TableNames"]:
        dynamodb.create_table(
            TableName=INBOX,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "event_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "event_id", "AttributeType": "S"}],
        )
    dynamodb.get_waiter("table_exists").wait(TableName=INBOX)
    reply = dynamodb.describe_time_to_live(TableName=INBOX)
    if reply["TimeToLiveDescription"]["TimeToLiveStatus"] not in ("ENABLED", "ENABLING"):
        dynamodb.update_time_to_live(
            TableName=INBOX,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
        )
