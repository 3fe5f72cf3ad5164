"""A correct solution in another style: Powertools' batch processor and event classes, boto3 resources."""

import os
from hashlib import sha256
from uuid import uuid4

import boto3
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from pydantic import BaseModel, Field

s3 = boto3.resource("s3")
processor = BatchProcessor(event_type=EventType.SQS)  # raises when all records have failed
DAYS = 15


class Claim(BaseModel):
    order_id: str
    key: str = Field(pattern=r"^coats/")
    sha256: str = Field(min_length=64, max_length=64)


class Line(BaseModel):
    quantity: int


class Customer(BaseModel):
    address: str


class Order(BaseModel):
    order_id: str
    lines: list[Line]
    customer: Customer | None = None


def create_cloakroom(bucket):
    cloakroom = s3.Bucket(bucket)
    cloakroom.create()
    cloakroom.wait_until_exists()
    lifecycle = s3.BucketLifecycleConfiguration(bucket)
    try:
        rules = lifecycle.rules
    except s3.meta.client.exceptions.ClientError as error:
        if "NoSuchLifecycleConfiguration" not in str(error):
            raise
        rules = []
    ours = {"ID": "coats", "Status": "Enabled", "Prefix": "coats/", "Expiration": {"Days": DAYS}}
    if all(rule.get("ID") != "coats" for rule in rules):
        ours["Filter"] = {"Prefix": ours.pop("Prefix")}
        lifecycle.put(LifecycleConfiguration={"Rules": [*rules, ours]})


def send(document, trace_id):
    order = Order.model_validate_json(document)
    size = sum(
        len(text.encode("utf-8"))
        for text in (document, "kind", "String", "document", "trace_id", "String", trace_id)
    )
    queue = boto3.resource("sqs").Queue(os.environ["CLAIMS_QUEUE_URL"])
    kind, body = "document", document
    if order.customer or size > int(os.environ["MESSAGE_LIMIT_BYTES"]):
        data = document.encode("utf-8")
        claim = Claim(
            order_id=order.order_id,
            key=f"coats/{uuid4().hex}.json",
            sha256=sha256(data).hexdigest(),
        )
        s3.Object(os.environ["CLAIMS_BUCKET"], claim.key).put(
            Body=data, ContentType="application/json", ChecksumAlgorithm="SHA256"
        )
        kind, body = "claim", claim.model_dump_json()
    queue.send_message(
        MessageBody=body,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value}
            for name, value in (("kind", kind), ("trace_id", trace_id))
        },
    )


def document_in(record: SQSRecord) -> str | bytes:
    kind = record.message_attributes["kind"].string_value
    if kind == "document":
        return record.body
    if kind != "claim":
        raise ValueError(kind)
    claim = Claim.model_validate_json(record.body)
    data = s3.Object(os.environ["CLAIMS_BUCKET"], claim.key).get()["Body"].read()
    if sha256(data).hexdigest() != claim.sha256:
        raise ValueError(f"{claim.key} was changed")
    return data


def pack(record: SQSRecord) -> None:
    order = Order.model_validate_json(document_in(record))
    table = boto3.resource("dynamodb").Table(os.environ["PACKING_TABLE"])
    if table.get_item(Key={"order_id": order.order_id}, ConsistentRead=True).get("Item"):
        return
    try:
        table.put_item(
            Item={
                "order_id": order.order_id,
                "pizzas": sum(line.quantity for line in order.lines),
                "deliver_to": order.customer.address if order.customer else "counter",
                "status": "PACKED",
            },
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        pass


def handler(event, context):
    return process_partial_response(
        event=event, record_handler=pack, processor=processor, context=context
    )
