"""An eventually consistent read of DynamoDB may miss the latest change, when that is asked for."""

from __future__ import annotations

import pytest

from localcloud import stale

KEY = {"order_id": {"S": "17"}}


@pytest.fixture
def dynamodb(kitchen, table):
    """A client of the kitchen's, in whose table order 17 was baked and then delivered."""
    client = kitchen.client("dynamodb")
    kitchen.plan(*(stale(at=number) for number in range(3, 20)))
    for status in ("BAKED", "DELIVERED"):
        client.put_item(TableName=table, Item={**KEY, "status": {"S": status}})
    return client


def statuses(reply) -> list[str]:
    found = [reply["Item"]] if "Item" in reply else reply["Items"]
    return [item["status"]["S"] for item in found]


READS = {
    "GetItem": lambda client, table: client.get_item(TableName=table, Key=KEY),
    "Query": lambda client, table: client.query(
        TableName=table,
        KeyConditionExpression="order_id = :o",
        ExpressionAttributeValues={":o": KEY["order_id"]},
    ),
    "Scan": lambda client, table: client.scan(TableName=table),
    "BatchGetItem": lambda client, table: {
        "Items": client.batch_get_item(RequestItems={table: {"Keys": [KEY]}})["Responses"][table]
    },
    "ExecuteStatement": lambda client, table: client.execute_statement(
        Statement=f'SELECT * FROM "{table}" WHERE order_id = ?', Parameters=[KEY["order_id"]]
    ),
    "BatchExecuteStatement": lambda client, table: client.batch_execute_statement(
        Statements=[
            {
                "Statement": f"SELECT * FROM \"{table}\" WHERE order_id = '17'",
            }
        ]
    )["Responses"][0],
}


@pytest.mark.parametrize("operation", READS)
def test_a_stale_read_misses_the_latest_change_and_only_that(account, dynamodb, table, operation):
    assert statuses(READS[operation](dynamodb, table)) == ["BAKED"]

    assert (account.calls[-1].operation, account.calls[-1].outcome) == (operation, "stale")
    assert statuses(dynamodb.get_item(TableName=table, Key=KEY, ConsistentRead=True)) == [
        "DELIVERED"
    ]
    assert account.calls[-1].outcome == "ok"


def test_a_stale_read_changes_nothing(account, kitchen, dynamodb, table):
    dynamodb.get_item(TableName=table, Key=KEY)

    kitchen.plan()
    assert statuses(dynamodb.get_item(TableName=table, Key=KEY)) == ["DELIVERED"]
    assert statuses(account.observer.client("dynamodb").scan(TableName=table)) == ["DELIVERED"]


@pytest.mark.parametrize("change", ["update", "delete", "batch", "transaction", "statement"])
def test_every_kind_of_change_can_be_missed(dynamodb, table, change):
    if change == "update":
        dynamodb.update_item(
            TableName=table,
            Key=KEY,
            UpdateExpression="SET #s = :s",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":s": {"S": "RETURNED"}},
        )
    elif change == "delete":
        dynamodb.delete_item(TableName=table, Key=KEY)
    elif change == "batch":
        dynamodb.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": KEY}}]})
    elif change == "transaction":
        dynamodb.transact_write_items(TransactItems=[{"Delete": {"TableName": table, "Key": KEY}}])
    else:
        dynamodb.execute_statement(
            Statement=f'DELETE FROM "{table}" WHERE order_id = ?', Parameters=[KEY["order_id"]]
        )

    assert statuses(dynamodb.get_item(TableName=table, Key=KEY)) == ["DELIVERED"]


def test_a_write_that_changes_nothing_is_no_change(dynamodb, table):
    condition = {"ConditionExpression": "attribute_not_exists(order_id)"}
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(TableName=table, Item=KEY, **condition)

    assert statuses(dynamodb.get_item(TableName=table, Key=KEY)) == ["BAKED"]


def test_each_item_misses_its_own_latest_change(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={"order_id": {"S": "18"}, "status": {"S": "BAKED"}})

    assert statuses(dynamodb.scan(TableName=table)) == ["BAKED"]
    assert "Item" not in dynamodb.get_item(TableName=table, Key={"order_id": {"S": "18"}})


def test_replicas_catch_up(account, dynamodb, table):
    account.cloud.clock.advance(60)

    assert statuses(dynamodb.get_item(TableName=table, Key=KEY)) == ["DELIVERED"]
    assert account.calls[-1].outcome == "ok"


def test_which_reads_may_be_stale_is_in_the_log(account, dynamodb, table):
    account.forget_calls()
    dynamodb.get_item(TableName=table, Key=KEY)
    dynamodb.get_item(TableName=table, Key=KEY, ConsistentRead=True)
    dynamodb.transact_get_items(TransactItems=[{"Get": {"TableName": table, "Key": KEY}}])
    select = f"SELECT * FROM \"{table}\" WHERE order_id = '17'"
    dynamodb.execute_statement(Statement=select)
    dynamodb.execute_statement(Statement=select, ConsistentRead=True)
    dynamodb.execute_statement(Statement=f"DELETE FROM \"{table}\" WHERE order_id = '17'")

    assert [call.eventual for call in account.calls] == [True, False, False, True, False, False]
