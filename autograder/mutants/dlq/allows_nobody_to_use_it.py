"""A RedriveAllowPolicy that names the dead-letter queue itself, where it must name the queue it serves.

Loses: queues, notebook
"""


def create_queues(prefix):
    dlq_url = sqs.create_queue(
        QueueName=f"{prefix}-orders-dlq",
        Attributes={"MessageRetentionPeriod": str(FOURTEEN_DAYS)},
    )["QueueUrl"]
    # Nobody but our own order queue may put its dead letters here.
    allow = {"redrivePermission": "byQueue", "sourceQueueArns": [arn(dlq_url)]}
    sqs.set_queue_attributes(QueueUrl=dlq_url, Attributes={"RedriveAllowPolicy": json.dumps(allow)})
    policy = {"deadLetterTargetArn": arn(dlq_url), "maxReceiveCount": 3}
    queue_url = sqs.create_queue(
        QueueName=f"{prefix}-orders",
        Attributes={
            "RedrivePolicy": json.dumps(policy),
            "ReceiveMessageWaitTimeSeconds": "20",
        },
    )["QueueUrl"]
    return {"queue_url": queue_url, "dlq_url": dlq_url}
