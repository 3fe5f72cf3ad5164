"""The cloakroom: order documents that are too large or too private for a queue wait in S3."""

import hashlib
import json
import os
import uuid

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
sqs = boto3.client("sqs")
table = boto3.resource("dynamodb").Table(os.environ["PACKING_TABLE"])

COATS = "coats/"
EXPIRY = {
    "ID": "expire-coats",
    "Status": "Enabled",
    "Filter": {"Prefix": COATS},
    "Expiration": {"Days": 15},  # SQS keeps a message for at most 14
}


def create_cloakroom(bucket):
    """Create the bucket and its lifecycle rule; harmless when they are there already."""
    # In us-east-1 one's own bucket may be created again. That resets its ACLs, which no bucket has had
    # since 2023 unless somebody asked for them; then ask head_bucket first.
    s3.create_bucket(Bucket=bucket)
    # Putting a lifecycle configuration replaces the whole of it: keep what others have put there.
    others = [rule for rule in lifecycle_rules(bucket) if rule.get("ID") != EXPIRY["ID"]]
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [*others, EXPIRY]}
    )


def lifecycle_rules(bucket):
    """Return the rules that the bucket has."""
    try:
        return s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchLifecycleConfiguration":
            return []
        raise


def send(document, trace_id):
    """Send one order document to the packing station: itself, or a claim for it."""
    order = json.loads(document)
    attributes = message_attributes("document", trace_id)
    too_large = message_size(document, attributes) > int(os.environ["MESSAGE_LIMIT_BYTES"])
    if too_large or "customer" in order:
        # The coat goes in before the claim goes out: the other way round, a crash in between
        # leaves a claim for nothing.
        document = json.dumps({"order_id": order["order_id"], **check_in(document)})
        attributes = message_attributes("claim", trace_id)
    sqs.send_message(
        QueueUrl=os.environ["CLAIMS_QUEUE_URL"], MessageBody=document, MessageAttributes=attributes
    )


def message_attributes(kind, trace_id):
    return {
        "kind": {"DataType": "String", "StringValue": kind},
        "trace_id": {"DataType": "String", "StringValue": trace_id},
    }


def message_size(body, attributes):
    """Return what SQS counts: the bytes of the body and of each attribute's name, type and value."""
    texts = [body]
    for name, value in attributes.items():
        texts += [name, value["DataType"], value["StringValue"]]
    return sum(len(text.encode()) for text in texts)


def check_in(document):
    """Put a document into the cloakroom and return the claim for it."""
    coat = document.encode()
    # A new key each time: a coat is never replaced while somebody holds a claim for it.
    key = f"{COATS}{uuid.uuid4()}"
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=key, Body=coat)
    return {"key": key, "sha256": hashlib.sha256(coat).hexdigest()}


def handler(event, context):
    """Pack a batch of orders and report the records that failed."""
    failures = []
    for record in event["Records"]:
        try:
            pack(parse_order(document_of(record)))
        except Exception as error:
            # Gone for good or refused for now: the record comes back, at most three times.
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def document_of(record):
    """Return the document that a record carries or has a claim for."""
    kind = record["messageAttributes"]["kind"]["stringValue"]
    if kind == "document":
        return record["body"]
    if kind == "claim":
        return redeem(json.loads(record["body"]))
    raise ValueError(f"a message of kind {kind!r}")


def redeem(claim):
    """Return the document that a claim is for; raise if it is not there or not the same."""
    if not claim["key"].startswith(COATS):
        raise ValueError("a claim for something outside the cloakroom")
    reply = s3.get_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=claim["key"])
    coat = reply["Body"].read()
    if hashlib.sha256(coat).hexdigest() != claim["sha256"]:
        raise ValueError("the coat has been changed")
    return coat.decode()


def parse_order(document):
    """Return the order that a document holds; raise if it is none."""
    order = json.loads(document)
    return {
        "order_id": order["order_id"],
        "pizzas": sum(line["quantity"] for line in order["lines"]),
        "deliver_to": order["customer"]["address"] if "customer" in order else "counter",
        "status": "PACKED",
    }


def pack(order):
    """Store the order unless it is there: then somebody has packed it before."""
    try:
        table.put_item(Item=order, ConditionExpression="attribute_not_exists(order_id)")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
