"""Lets the error go up: nothing is lost, but Lambda tries the whole batch again, with everything that was
published already.

Loses: refused
"""


def handler(event, context):
    for record in event["Records"]:
        process(record)
