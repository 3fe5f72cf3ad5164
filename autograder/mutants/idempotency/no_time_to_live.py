"""The table is made and its entries are dated, but nobody switched the time to live on: the inbox grows for
ever.

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
