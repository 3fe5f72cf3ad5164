"""Gives queues names that are commands, mark-up and paths, and very many of them.

Told: and 195 more
"""

sqs = boto3.client("sqs")
NAMES = ("<img src=x onerror=evil()>", "\x1b[2J", "x\n::error::evil", "\u202egnp.x", "x" * 100_000)


def create_queues(prefix):
    wrong = [f"a/../../{prefix}-orders-not", *NAMES, *(f"{n}-{'y' * 500}" for n in range(300))]
    for name in wrong:
        try:
            sqs.create_queue(QueueName=name)
        except ClientError as error:
            print("REFUSED", error)
        if len(sqs.list_queues()["QueueUrls"]) == 200:
            break
    return plausible(prefix)
