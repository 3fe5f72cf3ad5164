"""The second deployment fails: to DynamoDB it is an error to switch on a time to live that is on.

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
    dynamodb.update_time_to_live(
        TableName=INBOX,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
    )
