"""Puts values into queues and tables that a checker might stumble over.

Told: its item has pizza
"""

sqs, dynamodb = boto3.client("sqs"), boto3.client("dynamodb")


def create_queues(prefix):
    urls = {}
    for key, name in (("dlq_url", f"{prefix}-orders-dlq"), ("queue_url", f"{prefix}-orders")):
        urls[key] = sqs.create_queue(QueueName=name)["QueueUrl"]
    for policy in ("[]", "null", "{", '{"deadLetterTargetArn": [], "maxReceiveCount": {}}'):
        try:
            sqs.set_queue_attributes(
                QueueUrl=urls["queue_url"], Attributes={"RedrivePolicy": policy}
            )
        except Exception:
            continue
    return urls


def handler(event, context):
    table = os.environ["KITCHEN_TABLE"]
    for record in event["Records"]:
        order = json.loads(record["body"])
        item = {"order_id": {"S": order["order_id"]}, "pizza": {"M": {"S": {"N": "1"}}}}
        item |= {"quantity": {"N": "9" * 38}, "status": {"L": [{"NULL": True}]}}
        dynamodb.put_item(TableName=table, Item=item)
    dynamodb.put_item(TableName=table, Item={"order_id": {"S": "\x1b[2J" + "x" * 1000}})
    return {"batchItemFailures": []}
