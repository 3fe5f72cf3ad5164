"""A correct solution in another style: a class, the low-level client, a redrive by hand."""

import json
import os
import time

import boto3
from botocore.config import Config

# Where ten orders are refused for good, this waits for longer than the function has. It loses none.
PATIENT = Config(retries={"mode": "standard", "max_attempts": 4})


class Kitchen:
    """Everything the kitchen does, on two clients."""

    def __init__(self):
        self.sqs = boto3.client("sqs")
        self.dynamodb = boto3.client("dynamodb", config=PATIENT)

    def queue(self, name, **attributes):
        created = self.sqs.create_queue(QueueName=name, Attributes=attributes)
        return created["QueueUrl"]

    def cook(self, body):
        order = json.loads(body)
        assert isinstance(order, dict)
        order_id, pizza, quantity = order["order_id"], order["pizza"], order["quantity"]
        assert isinstance(order_id, str) and order_id
        assert isinstance(pizza, str) and pizza
        assert isinstance(quantity, int) and not isinstance(quantity, bool) and quantity > 0
        try:
            self.dynamodb.update_item(
                TableName=os.environ["KITCHEN_TABLE"],
                Key={"order_id": {"S": order_id}},
                UpdateExpression="SET pizza = :p, quantity = :q, #status = :cooked",
                ConditionExpression="attribute_not_exists(order_id)",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":p": {"S": pizza},
                    ":q": {"N": str(quantity)},
                    ":cooked": {"S": "COOKED"},
                },
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            pass

    def move(self, source, target, message):
        self.sqs.send_message(
            QueueUrl=target,
            MessageBody=message["Body"],
            MessageAttributes=message.get("MessageAttributes", {}),
        )
        self.sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])


kitchen = Kitchen()


def create_queues(prefix):
    dlq = kitchen.queue(f"{prefix}-orders-dlq", MessageRetentionPeriod="1209600")
    attributes = kitchen.sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["All"])
    policy = {
        "maxReceiveCount": "3",
        "deadLetterTargetArn": attributes["Attributes"]["QueueArn"],
    }
    queue = kitchen.queue(
        f"{prefix}-orders",
        ReceiveMessageWaitTimeSeconds="20",
        VisibilityTimeout="60",
        RedrivePolicy=json.dumps(policy),
    )
    return dict(queue_url=queue, dlq_url=dlq)


def handler(event, context):
    failed = []
    for record in event["Records"]:
        try:
            kitchen.cook(record["body"])
        except Exception:
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


def redrive(dlq_url, queue_url, per_second):
    while True:
        messages = kitchen.sqs.receive_message(
            QueueUrl=dlq_url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            WaitTimeSeconds=1,
        ).get("Messages")
        if not messages:
            break
        for message in messages:
            kitchen.move(dlq_url, queue_url, message)
            time.sleep(1 / per_second)
