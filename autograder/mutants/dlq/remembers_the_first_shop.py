"""Keeps the queues in the module to spare two calls, whichever shop asks next.

Loses: queues, notebook
"""

_urls = {}


def create_queues(prefix):
    """Made once a process; called again, it answers without asking SQS."""
    if not _urls:
        dlq_url = sqs.create_queue(
            QueueName=f"{prefix}-orders-dlq",
            Attributes={"MessageRetentionPeriod": str(FOURTEEN_DAYS)},
        )["QueueUrl"]
        policy = {"deadLetterTargetArn": arn(dlq_url), "maxReceiveCount": 3}
        queue_url = sqs.create_queue(
            QueueName=f"{prefix}-orders",
            Attributes={
                "RedrivePolicy": json.dumps(policy),
                "ReceiveMessageWaitTimeSeconds": "20",
            },
        )["QueueUrl"]
        _urls.update(queue_url=queue_url, dlq_url=dlq_url)
    return dict(_urls)
