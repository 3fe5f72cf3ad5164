"""A correct solution in another style: a transaction, everything logged, SQS moves the messages."""

import json
import logging
import os
import sys
import time

import boto3

logging.basicConfig(stream=sys.stderr, level=logging.INFO)
logger = logging.getLogger("kitchen")


def client(service):
    logger.info("a client for %s", service)
    return boto3.client(service)


def create_queues(prefix):
    sqs, urls = client("sqs"), []
    for name in ("orders-dlq", "orders"):
        logger.info("making %s", name)
        urls.append(sqs.create_queue(QueueName=f"{prefix}-{name}")["QueueUrl"])
    dlq_url, queue_url = urls
    sqs.set_queue_attributes(
        QueueUrl=dlq_url, Attributes={"MessageRetentionPeriod": str(14 * 86400)}
    )
    policy = {"deadLetterTargetArn": queue_arn(sqs, dlq_url), "maxReceiveCount": 3}
    sqs.set_queue_attributes(
        QueueUrl=queue_url,
        Attributes={
            "RedrivePolicy": json.dumps(policy),
            "ReceiveMessageWaitTimeSeconds": "20",
        },
    )
    return {"dlq_url": dlq_url, "queue_url": queue_url}


def queue_arn(sqs, url):
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return found["Attributes"]["QueueArn"]


def problem_with(order):
    if type(order) is not dict:
        return "not an object"
    for name, kind in (("order_id", str), ("pizza", str), ("quantity", int)):
        if type(order.get(name)) is not kind or not order[name]:
            return f"{name} is {order.get(name)!r}"
    return None if order["quantity"] > 0 else "nobody orders that few"


def handler(event, context):
    dynamodb, failed = client("dynamodb"), []
    for record in event["Records"]:
        print("record", record["messageId"], record["body"])
        try:
            order = json.loads(record["body"])
            problem = problem_with(order)
            if problem:
                raise ValueError(problem)
            put = {
                "TableName": os.environ["KITCHEN_TABLE"],
                "Item": {
                    "order_id": {"S": order["order_id"]},
                    "pizza": {"S": order["pizza"]},
                    "quantity": {"N": str(order["quantity"])},
                    "status": {"S": "COOKED"},
                    "customer": {"S": str(order.get("customer"))},
                },
                "ConditionExpression": "attribute_not_exists(order_id)",
            }
            try:
                dynamodb.transact_write_items(TransactItems=[{"Put": put}])
            except dynamodb.exceptions.TransactionCanceledException as error:
                reasons = [r.get("Code") for r in error.response["CancellationReasons"]]
                logger.warning("cancelled: %s", reasons)
                if reasons != ["ConditionalCheckFailed"]:
                    raise
        except Exception:
            logger.exception("could not cook %s", record["messageId"])
            failed.append({"itemIdentifier": record["messageId"]})
    print("failed:", failed)
    return {"batchItemFailures": failed} if failed else None


def redrive(dlq_url, queue_url, per_second):
    sqs = client("sqs")
    source = queue_arn(sqs, dlq_url)
    sqs.start_message_move_task(
        SourceArn=source,
        DestinationArn=queue_arn(sqs, queue_url),
        MaxNumberOfMessagesPerSecond=per_second,
    )
    while sqs.list_message_move_tasks(SourceArn=source)["Results"][0]["Status"] == "RUNNING":
        print("moving …")
        time.sleep(1)
