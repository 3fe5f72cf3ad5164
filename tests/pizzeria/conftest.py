from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import botocore.loaders
import botocore.session
import pytest
from cloudevents.core.v1.event import CloudEvent

import localcloud
from pizzeria.common.aws import client, from_item, to_item
from pizzeria.common.envelope import to_json
from pizzeria.opening import kitchen, orders

# Each test has clients of its own; the models of the services are read from the disk once for all.
MODELS = botocore.loaders.create_loader()


@pytest.fixture(scope="session")
def cloud() -> Iterator[localcloud.Cloud]:
    with localcloud.start() as cloud:
        yield cloud


@pytest.fixture
def account(cloud: localcloud.Cloud, monkeypatch: pytest.MonkeyPatch) -> localcloud.Account:
    """A fresh world that the pizzeria's own clients reach, with its queue and its table."""
    account = cloud.account()
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    # Both remember the client they made first, which is a client of another test's account.
    orders.sqs.cache_clear()
    kitchen.dynamodb.cache_clear()
    session = botocore.session.Session()
    session.register_component("data_loader", MODELS)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", boto3.Session(botocore_session=session))

    queue = account.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    account.client("dynamodb").create_table(
        TableName="cooked",
        KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "order_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    monkeypatch.setenv("ORDER_QUEUE_URL", queue)
    monkeypatch.setenv("KITCHEN_TABLE", "cooked")
    return account


@pytest.fixture
def cooked(account: localcloud.Account):
    """Return a function that reads the kitchen's table: order number → plain item."""

    def read() -> dict[str, dict[str, str]]:
        items = account.observer.client("dynamodb").scan(TableName="cooked")["Items"]
        plain = [{k: next(iter(v.values())) for k, v in item.items()} for item in items]
        return {item["order_id"]: item for item in plain}

    return read


@pytest.fixture
def batch():
    """Return a function that wraps bodies into an SQS batch as Lambda hands it over."""

    def make(*bodies: object) -> dict:
        texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
        return {
            "Records": [{"messageId": f"m{i}", "body": text} for i, text in enumerate(texts, 1)]
        }

    return make


TABLES = {
    "orders": "order_id",
    "inventory": "pk",
    "payments": "order_id",
    "kitchen": "order_id",
    "loyalty": "pk",
    "analytics": "pk",
    "status": "order_id",
}


class Stores:
    """Every service's table, a queue, a bucket and a key, in a fresh world."""

    def __init__(self, account: localcloud.Account):
        self.account = account
        self.sqs = account.observer.client("sqs")
        self.queue = self.sqs.create_queue(QueueName="replies")["QueueUrl"]

    def table(self, name: str) -> dict[str, dict]:
        """Return a table's items by their key."""
        items = self.account.observer.client("dynamodb").scan(TableName=name)["Items"]
        return {item[TABLES[name]]: item for item in map(from_item, items)}

    def put(self, name: str, **values: object) -> None:
        dynamodb = self.account.observer.client("dynamodb")
        dynamodb.put_item(TableName=name, Item=to_item(values))

    def received(self) -> list[dict]:
        """Take what is in the queue."""
        found = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        messages = found.get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


@pytest.fixture
def stores(account: localcloud.Account, monkeypatch: pytest.MonkeyPatch) -> Stores:
    """What the services' adapters write to; the services under test are this very process."""
    client.cache_clear()
    caller = account.caller("service")
    monkeypatch.setenv("AWS_SESSION_TOKEN", caller.token)
    dynamodb = account.client("dynamodb")
    for name, key in TABLES.items():
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        monkeypatch.setenv(f"{name.upper()}_TABLE", name)
    bucket = f"claims-{account.id}"  # the names of buckets are known to the whole world
    account.client("s3").create_bucket(Bucket=bucket)
    monkeypatch.setenv("CLAIMS_BUCKET", bucket)
    for key in ("ADDRESS_KEY_ID", "CARD_KEY_ID"):
        monkeypatch.setenv(key, account.client("kms").create_key()["KeyMetadata"]["KeyId"])
    return Stores(account)


@pytest.fixture
def delivered():
    """Return a function that wraps CloudEvents into an SQS batch as Lambda hands it over."""

    def make(*messages: CloudEvent) -> dict:
        return {
            "Records": [
                {
                    "messageId": f"m{i}",
                    "receiptHandle": f"r{i}",
                    "body": to_json(message),
                    "attributes": {"ApproximateReceiveCount": "1"},
                    "eventSourceARN": "arn:aws:sqs:us-east-1:100000000000:queue",
                }
                for i, message in enumerate(messages, 1)
            ]
        }

    return make
