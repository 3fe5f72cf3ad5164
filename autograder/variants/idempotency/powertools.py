"""A correct solution in another style: Powertools' idempotency utility is layer 1, its batch processor
and Pydantic read the records, its logger knows the context, a transaction of boto3's resource is layer 2.

Where all records of a batch fail, the batch processor raises, as it does unless it is told otherwise.
"""

import json
import os
import sys
from typing import Annotated, Any, Literal

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from botocore.exceptions import ClientError
from pydantic import BaseModel, Field, StrictInt, StrictStr

logger = Logger(service="loyalty", stream=sys.stderr)
resource = boto3.resource("dynamodb")
inbox = DynamoDBPersistenceLayer(
    table_name=os.environ["INBOX_TABLE"], key_attr="event_id", expiry_attr="expires_at"
)
config = IdempotencyConfig(
    event_key_jmespath="[source, id]", expires_after_seconds=7 * 24 * 60 * 60
)
processor = BatchProcessor(event_type=EventType.SQS)
Text = Annotated[StrictStr, Field(min_length=1)]


class Order(BaseModel):
    order_id: Text
    customer: Text
    pizzas: Annotated[StrictInt, Field(ge=1)]


class Event(BaseModel):
    type: Text
    specversion: Literal["1.0"]
    id: Text
    source: Text
    data: Any = None


class Confirmed(Event):
    type: Literal["order.confirmed.v1"]
    data: Order


def create_inbox():
    table = resource.Table(os.environ["INBOX_TABLE"])
    try:
        table = resource.create_table(
            TableName=table.name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "event_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "event_id", "AttributeType": "S"}],
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceInUseException":
            raise
    table.wait_until_exists()
    try:
        table.meta.client.update_time_to_live(
            TableName=table.name,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
        )
    except ClientError as error:
        if "already enabled" not in error.response["Error"]["Message"]:
            raise


@idempotent_function(data_keyword_argument="event", persistence_store=inbox, config=config)
def award(event: dict):
    order = event["data"]
    try:
        resource.meta.client.transact_write_items(
            TransactItems=[
                {
                    "Update": {
                        "TableName": os.environ["POINTS_TABLE"],
                        "Key": {"customer": order["customer"]},
                        "UpdateExpression": "SET points = if_not_exists(points, :none) + :earned",
                        "ExpressionAttributeValues": {":none": 0, ":earned": order["pizzas"]},
                    }
                },
                {
                    "Put": {
                        "TableName": os.environ["AWARDS_TABLE"],
                        "Item": {**order, "points": order["pizzas"]},
                        "ConditionExpression": "attribute_not_exists(order_id)",
                    }
                },
            ]
        )
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", [])
        if not any(reason["Code"] == "ConditionalCheckFailed" for reason in reasons):
            raise
        logger.info("awarded before")


def take(record):
    # Not model_validate_json: it minds what is in fields that nobody asks for, as half an emoji.
    body = json.loads(record.body)
    if Event.model_validate(body).type.startswith("order.confirmed."):
        award(event=Confirmed.model_validate(body).model_dump())


@logger.inject_lambda_context
def handler(event, context):
    # Without the context an entry in progress would never come to an end.
    config.register_lambda_context(context)
    return process_partial_response(
        event=event, record_handler=take, processor=processor, context=context
    )
