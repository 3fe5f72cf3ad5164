"""A correct solution in another style: PartiQL, the inbox asked before and written with the award,
everything logged."""

import json
import logging
import os
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

logging.basicConfig(stream=sys.stderr, level=logging.INFO)
logger = logging.getLogger("loyalty")
dynamodb = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 2}))

TABLES = {name: os.environ[f"{name}_TABLE"] for name in ("INBOX", "AWARDS", "POINTS")}


def create_inbox():
    for attempt in range(2):
        logger.info("attempt %d", attempt)
        try:
            ttl = dynamodb.describe_time_to_live(TableName=TABLES["INBOX"])
        except dynamodb.exceptions.ResourceNotFoundException:
            logger.warning("no inbox yet")
            dynamodb.create_table(
                TableName=TABLES["INBOX"],
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "event_id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "event_id", "KeyType": "HASH"}],
            )
            while dynamodb.describe_table(TableName=TABLES["INBOX"])["Table"][
                "TableStatus"
            ] not in ("ACTIVE", "UPDATING"):
                print("waiting …")
                time.sleep(1)
            continue
        break
    else:
        ttl = dynamodb.describe_time_to_live(TableName=TABLES["INBOX"])
    print(json.dumps(ttl["TimeToLiveDescription"]))
    if ttl["TimeToLiveDescription"]["TimeToLiveStatus"].startswith("DISABL"):
        dynamodb.update_time_to_live(
            TableName=TABLES["INBOX"],
            TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
        )
        print("time to live is on")


def insert(table, **values):
    """A statement that fails when there is an item of this key."""
    pairs = ", ".join(f"'{name}': ?" for name in values)
    parameters = [
        {"N": str(value)} if isinstance(value, int) else {"S": value} for value in values.values()
    ]
    return {
        "Statement": f'INSERT INTO "{TABLES[table]}" VALUE {{{pairs}}}',
        "Parameters": parameters,
    }


def text(place, name):
    value = place[name]
    if not isinstance(value, str) or value == "":
        raise ValueError(f"{name} is {value!r}")
    return value


def handler(event, context):
    print("event", json.dumps(event)[:2000])
    failed = []
    for record in event["Records"]:
        logger.info("record %s", record["messageId"])
        try:
            what = take(json.loads(record["body"]))
            logger.info("record %s: %s", record["messageId"], what)
        except Exception:
            logger.exception("record %s", record["messageId"])
            failed.append({"itemIdentifier": record["messageId"]})
    print("failed:", failed)
    return {"batchItemFailures": failed} if failed else None


def take(event):
    kind = event["type"]
    if not kind.startswith("order.confirmed."):
        return "none of our business"
    if kind != "order.confirmed.v1" or event["specversion"] != "1.0":
        raise ValueError(f"{kind} is too new")
    event_id = f"{text(event, 'source')}#{text(event, 'id')}"
    order = event["data"]
    order_id, customer, pizzas = text(order, "order_id"), text(order, "customer"), order["pizzas"]
    if type(pizzas) is not int or pizzas <= 0:
        raise ValueError(f"{pizzas!r} pizzas")
    seen = dynamodb.get_item(
        TableName=TABLES["INBOX"], Key={"event_id": {"S": event_id}}, ConsistentRead=True
    )
    if "Item" in seen:
        return "seen before"
    # PartiQL's UPDATE changes only what is there, so a new customer starts at none.
    try:
        dynamodb.execute_statement(**insert("POINTS", customer=customer, points=0))
    except dynamodb.exceptions.DuplicateItemException:
        logger.info("%s is known", customer)
    add = {
        "Statement": f'UPDATE "{TABLES["POINTS"]}" SET points = points + ? WHERE customer = ?',
        "Parameters": [{"N": str(pizzas)}, {"S": customer}],
    }
    in_a_week = int(time.time() + 7 * 86400)
    try:
        dynamodb.execute_transaction(
            TransactStatements=[
                insert("INBOX", event_id=event_id, expires_at=in_a_week),
                insert("AWARDS", order_id=order_id, customer=customer, points=pizzas),
                add,
            ]
        )
    except ClientError as error:
        reasons = [r.get("Code") for r in error.response.get("CancellationReasons", [])]
        logger.warning("cancelled: %s", reasons)
        if "DuplicateItem" not in reasons:
            raise
        return "awarded before"
    return f"{pizzas} points for {customer}"
