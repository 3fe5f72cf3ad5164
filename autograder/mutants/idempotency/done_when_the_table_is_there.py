"""A table that exists is taken for a finished one. Killed between its two calls, create_inbox leaves a
table without a time to live, for good.

Loses: inbox, notebook
"""


def create_inbox():
    try:
        dynamodb.create_table(
            TableName=INBOX,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "event_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "event_id", "AttributeType": "S"}],
        )
    except dynamodb.exceptions.ResourceInUseException:
        return
    dynamodb.get_waiter("table_exists").wait(TableName=INBOX)
    dynamodb.update_time_to_live(
        TableName=INBOX,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
    )
