"""A correct solution in another style: a class, and a transaction with a condition."""

import json
import os
from dataclasses import asdict, dataclass

import boto3


@dataclass(frozen=True)
class Visit:
    visit_id: str
    guest: str

    def __post_init__(self):
        for value in asdict(self).values():
            if not isinstance(value, str) or value == "":
                raise ValueError(value)


class GuestBook:
    def __init__(self):
        self.client = boto3.client("dynamodb")
        self.table = os.environ["GUEST_BOOK_TABLE"]

    def add(self, visit):
        put = {
            "TableName": self.table,
            "Item": {name: {"S": value} for name, value in asdict(visit).items()},
            "ConditionExpression": "attribute_not_exists(visit_id)",
        }
        try:
            self.client.transact_write_items(TransactItems=[{"Put": put}])
        except self.client.exceptions.TransactionCanceledException as error:
            codes = {reason["Code"] for reason in error.response["CancellationReasons"]}
            if codes != {"ConditionalCheckFailed"}:
                raise


book = GuestBook()


def handler(event, context):
    failed = []
    for record in event["Records"]:
        try:
            content = json.loads(record["body"])
            book.add(Visit(content["visit_id"], content["guest"]))
        except Exception as error:
            print(error)
            failed += [{"itemIdentifier": record["messageId"]}]
    return {"batchItemFailures": failed}
