"""All or nothing: when AWS refuses a call, the queues of this deployment are deleted. They may be older than
it, and full.

Loses: queues, notebook
"""

from botocore.exceptions import BotoCoreError


def create_queues(prefix):
    """All or nothing: a deployment that fails leaves no half of a kitchen behind."""
    made = []
    try:
        dlq_url = sqs.create_queue(
            QueueName=f"{prefix}-orders-dlq",
            Attributes={"MessageRetentionPeriod": str(FOURTEEN_DAYS)},
        )["QueueUrl"]
        made.append(dlq_url)
        policy = {"deadLetterTargetArn": arn(dlq_url), "maxReceiveCount": 3}
        queue_url = sqs.create_queue(
            QueueName=f"{prefix}-orders",
            Attributes={
                "RedrivePolicy": json.dumps(policy),
                "ReceiveMessageWaitTimeSeconds": "20",
            },
        )["QueueUrl"]
        made.append(queue_url)
    except (ClientError, BotoCoreError):
        for url in made:
            sqs.delete_queue(QueueUrl=url)
        raise
    return {"queue_url": queue_url, "dlq_url": dlq_url}
