"""A correct solution in another style: classes; the inbox says who has an event in hand and until when,
and becomes “done” in the transaction that awards the points."""

import hashlib
import json
import os
import time
from dataclasses import dataclass

import boto3

LEASE_S = 30  # nobody works on a batch for longer: that is the function's timeout
KEEP_S = 604_800


class InHand(Exception):
    """Another worker has this event in hand."""


@dataclass
class Event:
    source: str
    id: str
    order_id: str
    customer: str
    pizzas: int

    @classmethod
    def read(cls, body):
        """The event of a record, or None if it is none of our business."""
        envelope = json.loads(body)
        kind = envelope["type"]
        if not kind.startswith("order.confirmed."):
            return None
        assert (kind, envelope["specversion"]) == ("order.confirmed.v1", "1.0")
        data = envelope["data"]
        event = cls(
            envelope["source"], envelope["id"], data["order_id"], data["customer"], data["pizzas"]
        )
        assert all(
            type(text) is str and text
            for text in (event.source, event.id, event.order_id, event.customer)
        )
        assert type(event.pizzas) is int and event.pizzas >= 1
        return event

    @property
    def key(self):
        # A digest: a key may have 2,048 bytes, and the two together may need more when they are escaped.
        pair = json.dumps([self.source, self.id]).encode()
        return {"event_id": hashlib.sha256(pair).hexdigest()}


class Inbox:
    def __init__(self, tables):
        self.table = tables.Table(os.environ["INBOX_TABLE"])

    def claim(self, event):
        """Take an event in hand; False if it is done. Raises InHand."""
        now = int(time.time())
        client = self.table.meta.client
        try:
            self.table.update_item(
                Key=event.key,
                UpdateExpression="SET lease_until = :until, expires_at = :expires",
                ConditionExpression="attribute_not_exists(done) AND "
                "(attribute_not_exists(lease_until) OR lease_until <= :now)",
                ExpressionAttributeValues={
                    ":until": now + LEASE_S,
                    ":expires": now + KEEP_S,
                    ":now": now,
                },
            )
        except client.exceptions.ConditionalCheckFailedException:
            entry = self.table.get_item(Key=event.key, ConsistentRead=True).get("Item", {})
            if entry.get("done"):
                return False
            raise InHand(f"{event.id} is in hand until {entry.get('lease_until')}") from None
        return True

    def done(self, event):
        """The write that says so, for a transaction."""
        return {
            "Update": {
                "TableName": self.table.name,
                "Key": event.key,
                "UpdateExpression": "SET done = :yes, expires_at = :expires REMOVE lease_until",
                "ExpressionAttributeValues": {
                    ":yes": True,
                    ":expires": int(time.time()) + KEEP_S,
                },
            }
        }


class Loyalty:
    def __init__(self):
        self.tables = boto3.resource("dynamodb")
        self.inbox = Inbox(self.tables)
        self.awards = self.tables.Table(os.environ["AWARDS_TABLE"])

    def take(self, event):
        if not self.inbox.claim(event):
            return
        if "Item" in self.awards.get_item(Key={"order_id": event.order_id}, ConsistentRead=True):
            return  # the lease runs out by itself
        self.award(event)

    def award(self, event):
        put = {
            "TableName": self.awards.name,
            "Item": {
                "order_id": event.order_id,
                "customer": event.customer,
                "points": event.pizzas,
            },
            "ConditionExpression": "attribute_not_exists(order_id)",
        }
        add = {
            "TableName": os.environ["POINTS_TABLE"],
            "Key": {"customer": event.customer},
            "UpdateExpression": "ADD points :pizzas",
            "ExpressionAttributeValues": {":pizzas": event.pizzas},
        }
        client = self.tables.meta.client
        try:
            client.transact_write_items(
                TransactItems=[self.inbox.done(event), {"Put": put}, {"Update": add}]
            )
        except client.exceptions.TransactionCanceledException as error:
            if error.response["CancellationReasons"][1]["Code"] != "ConditionalCheckFailed":
                raise


loyalty = Loyalty()


def create_inbox():
    client = loyalty.tables.meta.client
    name = loyalty.inbox.table.name
    pages = client.get_paginator("list_tables").paginate()
    if not any(name in page["TableNames"] for page in pages):
        client.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "event_id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "event_id", "KeyType": "HASH"}],
            ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        )
        client.get_waiter("table_exists").wait(TableName=name)
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if ttl.get("AttributeName") != "expires_at":
        client.update_time_to_live(
            TableName=name,
            TimeToLiveSpecification={"AttributeName": "expires_at", "Enabled": True},
        )


def handler(event, context):
    failed = []
    for record in event["Records"]:
        try:
            found = Event.read(record["body"])
            if found:
                loyalty.take(found)
        except Exception:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
