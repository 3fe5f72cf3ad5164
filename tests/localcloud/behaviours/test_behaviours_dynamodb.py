"""What the course relies on in Amazon DynamoDB and DynamoDB Streams."""

import pytest
from botocore.exceptions import ClientError

ORDER = {"order_id": {"S": "17"}}


def _put(table: str = "orders", order_id: str = "17", **more) -> dict:
    return {"Put": {"TableName": table, "Item": {"order_id": {"S": order_id}}, **more}}


NEW = {"ConditionExpression": "attribute_not_exists(order_id)"}


def test_conditional_write_happens_once(world):
    dynamodb = world.table()
    dynamodb.put_item(TableName="orders", Item={**ORDER, "state": {"S": "first"}}, **NEW)

    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as refused:
        dynamodb.put_item(
            TableName="orders",
            Item={**ORDER, "state": {"S": "second"}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **NEW,
        )

    assert refused.value.response["Item"]["state"] == {"S": "first"}
    item = dynamodb.get_item(TableName="orders", Key=ORDER)["Item"]
    assert item["state"] == {"S": "first"}


def test_update_can_depend_on_what_is_stored(world):
    dynamodb = world.table()
    dynamodb.put_item(TableName="orders", Item={**ORDER, "version": {"N": "1"}})
    change = {
        "TableName": "orders",
        "Key": ORDER,
        "UpdateExpression": "SET version = version + :one",
        "ConditionExpression": "version = :seen",
        "ExpressionAttributeValues": {":one": {"N": "1"}, ":seen": {"N": "1"}},
    }

    reply = dynamodb.update_item(**change, ReturnValues="ALL_NEW")

    assert reply["Attributes"]["version"] == {"N": "2"}
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.update_item(**change)


def test_transaction_does_all_or_nothing_and_says_why(world):
    dynamodb = world.table()
    dynamodb.put_item(TableName="orders", Item=ORDER)

    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as refused:
        dynamodb.transact_write_items(
            TransactItems=[_put(order_id="18"), _put(order_id="17", **NEW)]
        )

    codes = [reason["Code"] for reason in refused.value.response["CancellationReasons"]]
    assert codes == ["None", "ConditionalCheckFailed"]
    assert dynamodb.scan(TableName="orders")["Count"] == 1


def test_transaction_with_a_token_happens_once(world):
    dynamodb = world.table()
    add = {
        "Update": {
            "TableName": "orders",
            "Key": ORDER,
            "UpdateExpression": "ADD points :ten",
            "ExpressionAttributeValues": {":ten": {"N": "10"}},
        }
    }
    for _ in range(2):
        dynamodb.transact_write_items(TransactItems=[add], ClientRequestToken="order-17")

    points = dynamodb.get_item(TableName="orders", Key=ORDER)["Item"]["points"]
    assert points == {"N": "10"}
    with pytest.raises(ClientError) as refused:
        dynamodb.transact_write_items(TransactItems=[_put()], ClientRequestToken="order-17")
    code = refused.value.response["Error"]["Code"]
    assert code == "IdempotentParameterMismatchException"


def test_item_above_400_kib_is_refused(world):
    dynamodb = world.table()

    def put(size: int) -> None:
        """Write an item of `size` bytes, names and values together."""
        note = "x" * (size - len("order_id" + "17" + "note"))
        dynamodb.put_item(TableName="orders", Item={**ORDER, "note": {"S": note}})

    put(390 * 1024)
    with pytest.raises(ClientError) as refused:
        put(400 * 1024 + 1)

    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_item_is_removed_when_its_time_to_live_is_over(world):
    dynamodb = world.table()
    dynamodb.update_time_to_live(
        TableName="orders",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "forget_after"},
    )
    week = 7 * 86400
    forget_after = int(world.cloud.clock.now().timestamp()) + week
    dynamodb.put_item(TableName="orders", Item={**ORDER, "forget_after": {"N": str(forget_after)}})
    world.let_pass(week - 3600)
    assert dynamodb.scan(TableName="orders")["Count"] == 1

    world.let_pass(3 * 3600)

    world.eventually(lambda: dynamodb.scan(TableName="orders")["Count"] == 0)


def _stream(world) -> tuple:
    dynamodb = world.table(
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    )
    streams = world.client("dynamodbstreams")
    arn = dynamodb.describe_table(TableName="orders")["Table"]["LatestStreamArn"]

    def records() -> list[dict]:
        found = []
        for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            iterator = streams.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            found += streams.get_records(ShardIterator=iterator)["Records"]
        return found

    return dynamodb, records


def test_stream_tells_every_change_in_order_with_old_and_new_image(world):
    dynamodb, records = _stream(world)
    for state in ("placed", "cooked"):
        dynamodb.put_item(TableName="orders", Item={**ORDER, "state": {"S": state}})
    dynamodb.delete_item(TableName="orders", Key=ORDER)

    told = world.eventually(records, lambda told: len(told) >= 3)

    assert [record["eventName"] for record in told] == ["INSERT", "MODIFY", "REMOVE"]
    images = told[1]["dynamodb"]
    assert images["OldImage"]["state"] == {"S": "placed"}
    assert images["NewImage"]["state"] == {"S": "cooked"}
    assert images["Keys"] == ORDER


def test_stream_is_silent_about_a_write_that_changes_nothing(world):
    dynamodb, records = _stream(world)
    for _ in range(2):
        dynamodb.put_item(TableName="orders", Item={**ORDER, "state": {"S": "placed"}})
    dynamodb.put_item(TableName="orders", Item={"order_id": {"S": "18"}})

    def about_18(told: list[dict]) -> bool:
        return any(record["dynamodb"]["Keys"] != ORDER for record in told)

    told = world.eventually(records, about_18)
    assert [record["eventName"] for record in told] == ["INSERT", "INSERT"]


def test_stream_marks_what_time_to_live_removed(world):
    dynamodb, records = _stream(world)
    dynamodb.update_time_to_live(
        TableName="orders",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "forget_after"},
    )
    now = int(world.cloud.clock.now().timestamp())
    dynamodb.put_item(TableName="orders", Item={**ORDER, "forget_after": {"N": str(now + 3600)}})
    world.let_pass(3 * 3600)

    removed = world.eventually(
        lambda: [record for record in records() if record["eventName"] == "REMOVE"]
    )[0]

    assert removed["userIdentity"]["PrincipalId"] == "dynamodb.amazonaws.com"
