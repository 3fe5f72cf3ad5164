"""What PartiQL statements change is in the table's stream; permissions and cancellations."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

import localcloud

INSERT = "INSERT INTO \"orders\" VALUE {'order_id': '17', 'status': 'PLACED'}"
UPDATE = "UPDATE orders SET status = 'CONFIRMED' WHERE order_id = '17'"
DELETE = "DELETE FROM orders WHERE order_id = '17'"


@pytest.fixture(scope="module")
def cloud():
    with localcloud.start(iam=True) as cloud:
        yield cloud


@pytest.fixture
def account(cloud):
    return cloud.account()


@pytest.fixture
def stream(account) -> str:
    created = account.client("dynamodb", caller="owner").create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "order_id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return created["TableDescription"]["LatestStreamArn"]


def changes(account, stream: str) -> list[tuple[str, str | None, str | None]]:
    """(event, old status, new status) of each record in the stream."""
    streams = account.client("dynamodbstreams", caller="owner")
    (shard,) = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    start = streams.get_shard_iterator(
        StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )
    records = streams.get_records(ShardIterator=start["ShardIterator"])["Records"]
    status = lambda image: image["status"]["S"] if image else None  # noqa: E731
    return [
        (r["eventName"], *(status(r["dynamodb"].get(f"{which}Image")) for which in ("Old", "New")))
        for r in records
    ]


def test_the_stream_has_what_statements_change(account, stream):
    dynamodb = account.client("dynamodb", caller="owner")
    for statement in (INSERT, UPDATE, DELETE):
        dynamodb.execute_statement(Statement=statement)
    dynamodb.execute_transaction(TransactStatements=[{"Statement": INSERT}])

    assert changes(account, stream) == [
        ("INSERT", None, "PLACED"),
        ("MODIFY", "PLACED", "CONFIRMED"),
        ("REMOVE", "CONFIRMED", None),
        ("INSERT", None, "PLACED"),
    ]


def test_a_statement_that_changes_nothing_is_not_in_the_stream(account, stream):
    dynamodb = account.client("dynamodb", caller="owner")
    with pytest.raises(ClientError):
        dynamodb.execute_statement(Statement=UPDATE)
    dynamodb.execute_statement(Statement=DELETE)

    assert changes(account, stream) == []


def test_a_cancelled_transaction_has_short_reasons(account, stream):
    dynamodb = account.client("dynamodb", caller="owner")
    dynamodb.execute_statement(Statement=INSERT)
    for statement, code in (
        (INSERT, "DuplicateItem"),
        (UPDATE.replace("'17'", "'18'"), "ConditionalCheckFailed"),
        (UPDATE.replace("order_id", "customer"), "ValidationError"),
    ):
        other = INSERT.replace("'17'", "'19'")
        statements = [{"Statement": other}, {"Statement": statement}]
        with pytest.raises(ClientError) as cancelled:
            dynamodb.execute_transaction(TransactStatements=statements)
        error = cancelled.value.response
        assert error["Error"]["Code"] == "TransactionCanceledException"
        assert [r["Code"] for r in error["CancellationReasons"]] == ["None", code]
        assert f"[None, {code}]" in error["Error"]["Message"]


def test_a_statement_needs_the_permission_for_what_it_does_to_its_table(account, stream):
    here = f"arn:aws:dynamodb:us-east-1:{account.id}:table"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"],
                "Resource": f"{here}/orders",
            }
        ],
    }
    dynamodb = account.caller("clerk", policy=policy).client("dynamodb")

    dynamodb.execute_statement(Statement=INSERT)
    dynamodb.execute_transaction(TransactStatements=[{"Statement": UPDATE}])
    for forbidden in (DELETE, INSERT.replace("orders", "secrets"), "SELECT * FROM orders"):
        with pytest.raises(ClientError) as refused:
            dynamodb.execute_statement(Statement=forbidden)
        assert refused.value.response["Error"]["Code"] == "AccessDeniedException", forbidden
