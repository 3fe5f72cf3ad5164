from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

import localcloud
from pizzeria.opening import kitchen, orders


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
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)

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
