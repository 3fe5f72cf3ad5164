"""Looks for the queues by the beginning of their names, and finds another shop's, whose name begins alike.

Loses: queues, notebook
"""


def find_or_create(prefix, suffix, attributes):
    """Use the queue that is there; create it otherwise."""
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=prefix)
    for page in pages:
        for url in page.get("QueueUrls", []):
            if url.endswith(suffix):
                sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
                return url
    return sqs.create_queue(QueueName=prefix + suffix, Attributes=attributes)["QueueUrl"]


def create_queues(prefix):
    dlq_url = find_or_create(prefix, "-orders-dlq", {"MessageRetentionPeriod": str(FOURTEEN_DAYS)})
    policy = {"deadLetterTargetArn": arn(dlq_url), "maxReceiveCount": 3}
    queue_url = find_or_create(
        prefix,
        "-orders",
        {"RedrivePolicy": json.dumps(policy), "ReceiveMessageWaitTimeSeconds": "20"},
    )
    return {"queue_url": queue_url, "dlq_url": dlq_url}
