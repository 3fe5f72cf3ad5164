"""A correct solution in another style: a class, the low-level client, a key made once and stored.

It works on the records of a batch side by side.
"""

import json
import os
import uuid
from concurrent.futures import ThreadPoolExecutor

import boto3


class Undone(Exception):
    pass


class Participant:
    """One of the functions, with what it does and undoes."""

    def __init__(self, variable, do, undo, refusal):
        self.function = os.environ[variable]
        self.do, self.undo, self.refusal = do, undo, refusal
        self.client = boto3.client("lambda")

    def ask(self, action, order, key):
        payload = {"action": action, "key": key, **order}
        reply = self.client.invoke(
            FunctionName=self.function,
            InvocationType="RequestResponse",
            Payload=json.dumps(payload).encode(),
        )
        answer = json.load(reply["Payload"])
        if not reply.get("FunctionError"):
            return None
        if answer["errorType"] == self.refusal:
            return self.refusal
        raise Exception(answer)


class Saga:
    """The item of one order, and what is done with it."""

    dynamodb = boto3.client("dynamodb")
    table = os.environ["SAGAS_TABLE"]
    participants = (
        Participant("INVENTORY_FUNCTION", "reserve", "release", "OutOfStock"),
        Participant("PAYMENTS_FUNCTION", "charge", "refund", "CardDeclined"),
        Participant("KITCHEN_FUNCTION", "accept", "cancel", "KitchenRefused"),
    )

    def __init__(self, order):
        self.order = order
        self.id = {"order_id": {"S": order["order_id"]}}
        item = {**self.id, "state": {"S": "begun"}, "key": {"S": str(uuid.uuid4())}}
        try:
            self.dynamodb.put_item(
                TableName=self.table,
                Item=item,
                ConditionExpression="attribute_not_exists(order_id)",
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            pass
        self.read()

    def read(self):
        item = self.dynamodb.get_item(TableName=self.table, Key=self.id, ConsistentRead=True)
        self.item = {name: value["S"] for name, value in item["Item"].items()}

    def move(self, before, after, **more):
        """Change the state if it is as expected; then look how it is."""
        values = {"state": after, **more}
        names = {f"#{name}": name for name in values}
        try:
            self.dynamodb.update_item(
                TableName=self.table,
                Key=self.id,
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
                ConditionExpression="#state = :before",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues={
                    ":before": {"S": before},
                    **{f":{name}": {"S": value} for name, value in values.items()},
                },
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            pass
        self.read()

    def advance(self):
        refusal = None
        for participant in self.participants:
            refusal = participant.ask(participant.do, self.order, self.item["key"])
            if refusal:
                break
        if refusal:
            self.move("begun", "undoing", reason=refusal)
        else:
            self.move("begun", "ended", status="CONFIRMED")

    def take_back(self):
        for participant in self.participants[::-1]:
            participant.ask(
                participant.undo, {"order_id": self.order["order_id"]}, self.item["key"]
            )
        self.move("undoing", "ended", status="FAILED")

    def finish(self):
        if self.item["state"] == "begun":
            self.advance()
        if self.item["state"] == "undoing":
            self.take_back()


def finish(record):
    Saga(json.loads(record["body"])).finish()


def handler(event, context):
    with ThreadPoolExecutor() as pool:
        work = {r["messageId"]: pool.submit(finish, r) for r in event["Records"]}
    failed = [name for name, result in work.items() if result.exception()]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}
