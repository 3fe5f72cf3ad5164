"""A correct solution in another style: S3's transfer manager, an update, everything logged and read first."""

import base64
import hashlib
import io
import json
import logging
import os
import sys
import time
import traceback

import boto3
from botocore.exceptions import ClientError

logging.basicConfig(stream=sys.stdout, level=logging.DEBUG)
logger = logging.getLogger("cloakroom")
BUCKET, QUEUE_URL = os.environ["CLAIMS_BUCKET"], os.environ["CLAIMS_QUEUE_URL"]
TABLE, LIMIT = os.environ["PACKING_TABLE"], int(os.environ["MESSAGE_LIMIT_BYTES"])
s3, sqs, dynamodb = (boto3.client(name) for name in ("s3", "sqs", "dynamodb"))


def create_cloakroom(bucket):
    print("creating", bucket)
    s3.create_bucket(Bucket=bucket)
    for attempt in (1, 2):
        try:
            rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
            break
        except ClientError as error:
            logger.warning("attempt %d: %s", attempt, error)
            if error.response["Error"]["Code"] == "NoSuchLifecycleConfiguration":
                rules = []
                break
            time.sleep(1)
    else:
        raise RuntimeError("no answer from S3")
    print("rules before:", rules)
    for rule in rules:
        ours = rule["Status"] == "Enabled" and rule.get("Filter", {}).get("Prefix") == "coats/"
        if ours and rule.get("Expiration", {}).get("Days") == 15:
            print("there is one already")
            return
    rules.append(
        {
            "ID": f"coats-{len(rules)}",
            "Filter": {"Prefix": "coats/"},
            "Status": "Enabled",
            "Expiration": {"Days": 15},
        }
    )
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    print("rules after:", rules)


def send(document, trace_id):
    print("trace", trace_id)
    order = json.loads(document)
    attributes = {"trace_id": {"StringValue": trace_id, "DataType": "String"}}
    attributes["kind"] = {"StringValue": "document", "DataType": "String"}
    wire = document + "".join(k + v["DataType"] + v["StringValue"] for k, v in attributes.items())
    travels = "customer" not in order
    if len(bytes(wire, "utf-8")) > LIMIT:
        travels = False
    print("travels itself:", travels)
    body = document
    if not travels:
        coat = bytes(document, "utf-8")
        nonce = base64.b32encode(os.urandom(15)).decode()
        key = time.strftime("coats/%Y/%m/%d/") + nonce
        s3.upload_fileobj(io.BytesIO(coat), BUCKET, key)
        print("put", len(coat), "bytes at", key)
        attributes["kind"]["StringValue"] = "claim"
        body = json.dumps(
            {
                "sha256": hashlib.sha256(coat).hexdigest().upper(),
                "key": key,
                "order_id": order["order_id"],
            },
            indent=2,
        )
    reply = sqs.send_message(QueueUrl=QUEUE_URL, MessageBody=body, MessageAttributes=attributes)
    print("sent", reply["MessageId"], body)


def fetch(claim):
    assert isinstance(claim, dict) and claim["key"].startswith("coats/"), claim
    buffer = io.BytesIO()
    s3.download_fileobj(BUCKET, claim["key"], buffer)
    data = buffer.getvalue()
    print("got", len(data), "bytes")
    assert hashlib.sha256(data).hexdigest() == claim["sha256"].lower(), "not the same coat"
    return data.decode("utf-8")


def handler(event, context):
    failed = []
    for record in event["Records"]:
        logger.info("record %s", record)
        try:
            kind = record["messageAttributes"]["kind"]["stringValue"]
            text = {"document": str, "claim": lambda body: fetch(json.loads(body))}[kind](
                record["body"]
            )
            print(text[:500])
            order = json.loads(text)
            address = order["customer"]["address"] if order.get("customer") else "counter"
            dynamodb.update_item(
                TableName=TABLE,
                Key={"order_id": {"S": order["order_id"]}},
                UpdateExpression="SET #s = :s, pizzas = :p, deliver_to = :d",
                ConditionExpression="attribute_not_exists(order_id)",
                ExpressionAttributeNames={"#s": "status"},
                ExpressionAttributeValues={
                    ":s": {"S": "PACKED"},
                    ":p": {"N": str(sum(int(line["quantity"]) for line in order["lines"]))},
                    ":d": {"S": address},
                },
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            print("packed before")
        except Exception:
            traceback.print_exc()
            failed.append({"itemIdentifier": record["messageId"]})
    print("failed:", failed)
    return {"batchItemFailures": failed} if failed else None
