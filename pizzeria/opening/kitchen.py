"""The kitchen: a Lambda function that cooks the orders a queue delivers.

The event source mapping needs ``ReportBatchItemFailures``; without it, Lambda ignores what
`handler` returns and deletes the orders that failed.
Environment: ``KITCHEN_TABLE``, a table with the partition key ``order_id`` (S).
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from pizzeria.menu import InvalidOrder, Order, check_order

# What the kitchen knows: no AWS from here …


def parse_order(body: str) -> Order:
    """Return the order that a message carries; raises InvalidOrder."""
    try:
        return check_order(json.loads(body))
    except json.JSONDecodeError as error:
        raise InvalidOrder("an order must be JSON") from error


def cook(order: Order) -> dict[str, Any]:
    """Return the kitchen's record of the cooked order."""
    return {
        "order_id": order["order_id"],
        "pizza": order["pizza"],
        "quantity": order["quantity"],
        "status": "COOKED",
    }


# … to here. What follows is the edge to AWS.


@cache
def dynamodb() -> Any:
    """Return the kitchen's client, made once for as long as this process lives."""
    named = Config(user_agent_appid="kitchen")  # type: ignore[call-arg]  # missing in the stubs
    return boto3.client("dynamodb", config=named)


def store(dish: dict[str, Any]) -> bool:
    """Write down a cooked order; return False if it had been written down before."""
    try:
        dynamodb().put_item(
            TableName=os.environ["KITCHEN_TABLE"],
            Item={
                "order_id": {"S": dish["order_id"]},
                "pizza": {"S": dish["pizza"]},
                "quantity": {"N": str(dish["quantity"])},
                "status": {"S": dish["status"]},
            },
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except dynamodb().exceptions.ConditionalCheckFailedException:
        return False
    return True


def prepare(body: str) -> bool:
    """Cook the order that a message carries; return False if it had been cooked before.

    Raises InvalidOrder, or botocore's ClientError when the table did not take it.
    """
    return store(cook(parse_order(body)))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Cook a batch from SQS and report the records that failed, and only those."""
    failures = []
    for record in event["Records"]:
        try:
            prepare(record["body"])
        except Exception as error:  # whatever it was, only this record is to come again
            print(f"not cooked: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
