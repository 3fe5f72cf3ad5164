"""Returns infinity, itself, a lone surrogate, an endless integer; and is too deep to be read.

Told: Runtime.MarshalError
"""


def create_queues(prefix):
    answer = {"queue_url": float("nan"), "dlq_url": float("inf")}
    answer["itself"] = answer
    return answer


def handler(event, context):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep
