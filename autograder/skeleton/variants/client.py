"""A correct solution in another style: the client API, everything in one function, a log of each step."""

import json
import logging
import os

import boto3

logging.basicConfig(level=logging.INFO)
log = logging.getLogger("guest-book")
dynamodb = boto3.client("dynamodb")


def handler(event, context):
    failed = []
    for record in event["Records"]:
        log.info("record %s", record["messageId"])
        try:
            visit = json.loads(record["body"])
            assert all(type(visit[name]) is str and visit[name] for name in ("visit_id", "guest"))
            dynamodb.put_item(
                TableName=os.environ["GUEST_BOOK_TABLE"],
                Item={name: {"S": visit[name]} for name in ("visit_id", "guest")},
                ConditionExpression="attribute_not_exists(visit_id)",
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            log.info("there already")
        except Exception:
            log.exception("failed")
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
