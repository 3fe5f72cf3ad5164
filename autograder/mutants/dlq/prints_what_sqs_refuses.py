"""A setting that SQS refuses is printed, and the function returns as if all was well.

Loses: queues, notebook
"""


def ensure(name, attributes):
    """Create a queue, or bring one that is there up to date."""
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    try:
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    except ClientError as error:  # a queue that is there has them already
        print(f"{name}: attributes not changed: {error}")
    return url


def create_queues(prefix):
    dlq_url = ensure(f"{prefix}-orders-dlq", {"MessageRetentionPeriod": str(FOURTEEN_DAYS)})
    policy = {"deadLetterTargetArn": arn(dlq_url), "maxReceiveCount": 3}
    queue_url = ensure(
        f"{prefix}-orders",
        {"RedrivePolicy": json.dumps(policy), "ReceiveMessageWaitTimeSeconds": "20"},
    )
    return {"queue_url": queue_url, "dlq_url": dlq_url}
