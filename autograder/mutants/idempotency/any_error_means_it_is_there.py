"""create_inbox ignores every error of AWS, because two of them are harmless. A throttled call is not: it
returns, and the inbox is not finished.

Loses: inbox, notebook
"""

from botocore.exceptions import ClientError


def create_inbox():
    with contextlib.suppress(ClientError):
        dynamodb.create_table(
            TableName=INBOX,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "event_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "event_id", "AttributeType": "S"}],
        )
    with contextlib.suppress(ClientError):
        dynamodb.update_time_to_live(
            TableName=INBOX,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
        )
