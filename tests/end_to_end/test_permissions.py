"""Who may open a sealed address: with IAM enforced, the courier's function and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from restaurant import package

import localcloud

ADDRESS = "Vicolo Segreto 7"


class Guarded:
    """The order service and two that read deliveries, each with its own role."""

    def __init__(self, account: localcloud.Account):
        self.account = account
        dynamodb = account.client("dynamodb")
        for table in ("orders", "deliveries"):
            dynamodb.create_table(
                TableName=table,
                KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "order_id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        kms = account.client("kms")
        address, card = (kms.create_key()["KeyMetadata"] for _ in range(2))
        keys = {"ADDRESS_KEY_ID": address["KeyId"], "CARD_KEY_ID": card["KeyId"]}
        tables = {"ORDERS_TABLE": "orders", "DELIVERIES_TABLE": "deliveries"}
        read = self._allow("dynamodb:GetItem", "table/deliveries")
        seal = {
            "Effect": "Allow",
            "Action": "kms:Encrypt",
            "Resource": [address["Arn"], card["Arn"]],
        }
        unseal = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": address["Arn"]}
        store = self._allow("dynamodb:PutItem", "table/orders")
        courier = "pizzeria.delivery.courier.handler"
        environment = {**keys, **tables}
        self._function("orders", "pizzeria.orders.api.handler", [store, seal], environment)
        self._function("courier", courier, [read, unseal], environment)
        self._function("curious", courier, [read], environment)
        self._function("sealer", courier, [read, seal], environment)

    def _allow(self, action: str, resource: str) -> dict:
        arn = f"arn:aws:dynamodb:us-east-1:{self.account.id}:{resource}"
        return {"Effect": "Allow", "Action": action, "Resource": arn}

    def _function(self, name: str, handler: str, statements: list[dict], environment) -> None:
        iam = self.account.client("iam")
        may_lambda = {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        document = {"Version": "2012-10-17", "Statement": [may_lambda]}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
        self.account.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=role["Role"]["Arn"],
            Handler=handler,
            Code={"ZipFile": package()},
            Environment={"Variables": environment},
            Timeout=60,
        )

    def invoke(self, name: str, event: dict) -> dict:
        reply = self.account.client("lambda").invoke(
            FunctionName=name, Payload=json.dumps(event).encode()
        )
        return json.loads(reply["Payload"].read())


@pytest.fixture(scope="module")
def guarded() -> Iterator[Guarded]:
    with localcloud.start(iam=True) as cloud:
        yield Guarded(cloud.account())


def ask(guarded: Guarded, name: str) -> dict:
    route = "GET /deliveries/{order_id}"
    return guarded.invoke(name, {"routeKey": route, "pathParameters": {"order_id": "1001"}})


def test_an_address_is_opened_by_the_courier_and_refused_to_everybody_else(guarded: Guarded):
    order = {
        "order_id": "1001",
        "customer": "Ada",
        "pizza": "funghi",
        "quantity": 1,
        "card": "tok_visa",
        "delivery": {"address": ADDRESS},
    }
    assert guarded.invoke("orders", {"body": json.dumps(order)})["statusCode"] == 202
    dynamodb = guarded.account.client("dynamodb")
    stored = dynamodb.get_item(TableName="orders", Key={"order_id": {"S": "1001"}})["Item"]
    sealed = json.loads(stored["outbox"]["S"])["data"]["delivery"]["address"]
    delivery = {"order_id": "1001", "sealed_address": sealed, "status": "DUE"}
    item = {name: {"S": value} for name, value in delivery.items()}
    dynamodb.put_item(TableName="deliveries", Item=item)

    opened = ask(guarded, "courier")
    assert json.loads(opened["body"])["address"] == ADDRESS
    for somebody in ("curious", "sealer"):
        refused = ask(guarded, somebody)
        assert "AccessDenied" in refused["errorMessage"]
        assert "kms:Decrypt" in refused["errorMessage"]
        assert ADDRESS not in json.dumps(refused)
