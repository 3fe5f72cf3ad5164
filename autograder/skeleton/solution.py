"""The guest book: it takes visits from an SQS queue and writes each of them down once."""

import json
import os
from contextlib import suppress

import boto3

table = boto3.resource("dynamodb").Table(os.environ["GUEST_BOOK_TABLE"])


def handler(event, context):
    """Write down a batch of visits; report the records that failed."""
    failed = []
    for record in event["Records"]:
        try:
            store(read(record["body"]))
        except Exception as error:
            print(f"{record['messageId']}: {error!r}")
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def read(body):
    """Return the visit in a record's body; raises ValueError when there is none."""
    visit = json.loads(body)
    if not isinstance(visit, dict):
        raise ValueError("not an object")
    for field in ("visit_id", "guest"):
        if not isinstance(visit.get(field), str) or not visit[field]:
            raise ValueError(f"no {field}")
    return visit


def store(visit):
    """Write a visit down, unless it is there already."""
    item = {field: visit[field] for field in ("visit_id", "guest")}
    with suppress(table.meta.client.exceptions.ConditionalCheckFailedException):
        table.put_item(Item=item, ConditionExpression="attribute_not_exists(visit_id)")
