"""The kitchen: it takes orders from an SQS queue and cooks each of them once."""

import json
import os

import boto3
from botocore.exceptions import ClientError

sqs = boto3.client("sqs")
table = boto3.resource("dynamodb").Table(os.environ["KITCHEN_TABLE"])

FOURTEEN_DAYS = 14 * 24 * 60 * 60


def create_queues(prefix):
    """Create the order queue and its dead-letter queue; harmless when they are there already."""
    # The dead-letter queue comes first: the order queue's redrive policy names it.
    dlq_url = sqs.create_queue(
        QueueName=f"{prefix}-orders-dlq",
        Attributes={"MessageRetentionPeriod": str(FOURTEEN_DAYS)},
    )["QueueUrl"]
    redrive_policy = {"deadLetterTargetArn": arn(dlq_url), "maxReceiveCount": 3}
    queue_url = sqs.create_queue(
        QueueName=f"{prefix}-orders",
        Attributes={
            "RedrivePolicy": json.dumps(redrive_policy),
            "ReceiveMessageWaitTimeSeconds": "20",
        },
    )["QueueUrl"]
    return {"queue_url": queue_url, "dlq_url": dlq_url}


def handler(event, context):
    """Cook a batch of orders and report the records that failed."""
    failures = []
    for record in event["Records"]:
        try:
            cook(parse_order(record["body"]))
        except Exception as error:
            # Whatever went wrong, this record must come back, and only this one.
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def parse_order(body):
    """Return the order that a message carries; raise ValueError if it is none."""
    order = json.loads(body)
    if not isinstance(order, dict):
        raise ValueError("an order is a JSON object")
    for field in ("order_id", "pizza"):
        if not isinstance(order.get(field), str) or not order[field]:
            raise ValueError(f"{field} must be a string and not empty")
    # type() and not isinstance(): True is an int to Python.
    if type(order.get("quantity")) is not int or order["quantity"] < 1:
        raise ValueError("quantity must be a whole number of at least 1")
    return order


def cook(order):
    """Store the order unless it is there: then somebody has cooked it before."""
    try:
        table.put_item(
            Item={
                "order_id": order["order_id"],
                "pizza": order["pizza"],
                "quantity": order["quantity"],
                "status": "COOKED",
            },
            ConditionExpression="attribute_not_exists(order_id)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def redrive(dlq_url, queue_url, per_second):
    """Move all dead letters back to the order queue: SQS does it, and keeps to the rate."""
    sqs.start_message_move_task(
        SourceArn=arn(dlq_url),
        DestinationArn=arn(queue_url),
        MaxNumberOfMessagesPerSecond=per_second,
    )


def arn(queue_url):
    reply = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    return reply["Attributes"]["QueueArn"]
