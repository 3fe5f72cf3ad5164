"""A correct solution in another style: Powertools' batch processor and Pydantic, batched redrive."""

import json
import os
import time
from typing import Annotated

import boto3
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from botocore.exceptions import ClientError
from pydantic import BaseModel, Field, StrictInt, StrictStr

sqs = boto3.resource("sqs")
# When all records fail it raises, which is the same to Lambda.
processor = BatchProcessor(event_type=EventType.SQS)
LARGEST_BATCH = 1 << 20


class Order(BaseModel):
    order_id: Annotated[StrictStr, Field(min_length=1)]
    pizza: Annotated[StrictStr, Field(min_length=1)]
    quantity: Annotated[StrictInt, Field(ge=1)]


def create_queues(prefix):
    dead = sqs.create_queue(
        QueueName=f"{prefix}-orders-dlq", Attributes={"MessageRetentionPeriod": "1209600"}
    )
    policy = json.dumps({"maxReceiveCount": 3, "deadLetterTargetArn": dead.attributes["QueueArn"]})
    queue = sqs.create_queue(QueueName=f"{prefix}-orders")
    queue.set_attributes(
        Attributes={"ReceiveMessageWaitTimeSeconds": "20", "RedrivePolicy": policy}
    )
    return {"queue_url": queue.url, "dlq_url": dead.url}


def cook(record):
    order = Order.model_validate_json(record.body)
    table = boto3.resource("dynamodb").Table(os.environ["KITCHEN_TABLE"])
    if "Item" in table.get_item(Key={"order_id": order.order_id}, ConsistentRead=True):
        return
    try:
        table.put_item(
            Item={**order.model_dump(), "status": "COOKED"},
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if "ConditionalCheckFailed" not in error.response["Error"]["Code"]:
            raise


def handler(event, context):
    return process_partial_response(
        event=event, record_handler=cook, processor=processor, context=context
    )


def redrive(dlq_url, queue_url, per_second):
    dead, queue = sqs.Queue(dlq_url), sqs.Queue(queue_url)
    size = min(10, per_second)
    batches_per_second = per_second // size  # one of ten at 15 a second
    while messages := dead.receive_messages(
        MaxNumberOfMessages=size, MessageAttributeNames=["All"], WaitTimeSeconds=2
    ):
        # As many to a batch as are sure to fit, in bytes; a character has up to four.
        fit = max(1, LARGEST_BATCH // max(4 * len(message.body) + 1000 for message in messages))
        for start in range(0, len(messages), fit):
            some = messages[start : start + fit]
            entries = [
                {
                    "Id": str(number),
                    "MessageBody": message.body,
                    "MessageAttributes": message.message_attributes or {},
                }
                for number, message in enumerate(some)
            ]
            sent = queue.send_messages(Entries=entries)
            for entry in sent.get("Successful", []):
                some[int(entry["Id"])].delete()
        time.sleep(1 / batches_per_second)
