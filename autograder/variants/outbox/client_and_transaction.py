"""A correct solution in another style: a class, the low-level client, transactions of one item, numbers
that are published as DynamoDB's Decimals come out: 2 as 2.0."""

import json
import os
from datetime import datetime, timezone

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

TABLE, BUS = os.environ["ORDERS_TABLE"], os.environ["EVENT_BUS"]


class Outbox:
    """An event in DynamoDB's own types; its id says of which change it tells."""

    @staticmethod
    def entry(kind, order_id, data):
        name = f"order.{kind}.v1"
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        event = {"id": f"{order_id}-{kind}", "type": name, "time": now, "data": data}
        return TypeSerializer().serialize(event)

    @staticmethod
    def event(image, order_id):
        stored = TypeDeserializer().deserialize(image)
        constant = {"specversion": "1.0", "source": "pizzeria.orders", "subject": order_id}
        return {**constant, **stored}


class OrderService:
    def __init__(self):
        self.dynamodb = boto3.client("dynamodb")
        self.events = boto3.client("events")

    def write(self, action, **request):
        """One write; return the reason when its condition fails, None when it was done."""
        try:
            self.dynamodb.transact_write_items(
                TransactItems=[
                    {
                        action: {
                            "TableName": TABLE,
                            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                            **request,
                        }
                    }
                ]
            )
        except self.dynamodb.exceptions.TransactionCanceledException as error:
            reason = error.response["CancellationReasons"][0]
            if reason["Code"] != "ConditionalCheckFailed":
                raise
            return reason
        return None

    def place(self, order):
        item = {
            "order_id": {"S": order["order_id"]},
            "customer": {"S": order["customer"]},
            "pizza": {"S": order["pizza"]},
            "quantity": {"N": str(order["quantity"])},
            "status": {"S": "PLACED"},
            "outbox": Outbox.entry("placed", order["order_id"], order),
        }
        self.write("Put", Item=item, ConditionExpression="attribute_not_exists(order_id)")

    def confirm(self, order_id):
        refused = self.write(
            "Update",
            Key={"order_id": {"S": order_id}},
            UpdateExpression="SET #s = :new, outbox = :entry",
            ConditionExpression="#s = :old",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={
                ":old": {"S": "PLACED"},
                ":new": {"S": "CONFIRMED"},
                ":entry": Outbox.entry("confirmed", order_id, {"order_id": order_id}),
            },
        )
        if refused and "Item" not in refused:
            raise KeyError(order_id)

    def publish(self, record):
        image = record["dynamodb"].get("NewImage") or {}
        if "outbox" not in image:
            return True
        event = Outbox.event(image["outbox"], image["order_id"]["S"])
        reply = self.events.put_events(
            Entries=[
                {
                    "Source": event["source"],
                    "DetailType": event["type"],
                    "Detail": json.dumps(event, default=float),
                    "EventBusName": BUS,
                }
            ]
        )
        if reply["FailedEntryCount"] > 0:
            return False
        self.write(
            "Update",
            Key=record["dynamodb"]["Keys"],
            UpdateExpression="REMOVE #o",
            ConditionExpression="#o.#i = :id",
            ExpressionAttributeNames={"#o": "outbox", "#i": "id"},
            ExpressionAttributeValues={":id": {"S": event["id"]}},
        )
        return True


service = OrderService()
place_order = service.place
confirm_order = service.confirm


def handler(event, context):
    for record in event["Records"]:
        number = record["dynamodb"]["SequenceNumber"]
        try:
            published = service.publish(record)
        except Exception as error:
            print(repr(error))
            published = False
        if not published:
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {}
