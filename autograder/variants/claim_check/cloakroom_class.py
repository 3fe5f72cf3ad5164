"""A correct solution in another style: classes, keys made of the checksum, a transaction."""

import hashlib
import io
import json
import os
from dataclasses import asdict, dataclass

import boto3
import botocore.exceptions


class Refused(Exception):
    """A record that cannot be packed."""


@dataclass(frozen=True)
class Claim:
    order_id: str
    key: str
    sha256: str

    @classmethod
    def parse(cls, text):
        try:
            claim = cls(**json.loads(text))
        except (ValueError, TypeError) as error:
            raise Refused(f"no claim: {text[:40]}") from error
        if not isinstance(claim.key, str) or not claim.key.startswith(Cloakroom.PREFIX):
            raise Refused(f"not one of ours: {claim.key}")
        return claim


class Cloakroom:
    PREFIX = "coats/"

    def __init__(self, bucket):
        self.bucket = bucket
        self.s3 = boto3.client("s3")

    def open(self):
        try:
            self.s3.head_bucket(Bucket=self.bucket)
        except botocore.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise
            self.s3.create_bucket(Bucket=self.bucket)
        rules = {rule.get("ID"): rule for rule in self.rules()}
        rules["cloakroom"] = {
            "ID": "cloakroom",
            "Status": "Enabled",
            "Filter": {"Prefix": self.PREFIX},
            "Expiration": {"Days": 15},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        }
        self.s3.put_bucket_lifecycle_configuration(
            Bucket=self.bucket, LifecycleConfiguration={"Rules": list(rules.values())}
        )

    def rules(self):
        try:
            return self.s3.get_bucket_lifecycle_configuration(Bucket=self.bucket)["Rules"]
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchLifecycleConfiguration":
                raise
            return []

    def check_in(self, coat):
        """The same coat hangs on the same hook: the key is its checksum."""
        digest = hashlib.sha256(coat).hexdigest()
        key = f"{self.PREFIX}{digest[:2]}/{digest}"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=io.BytesIO(coat))
        return key, digest

    def redeem(self, claim):
        there = self.s3.head_object(Bucket=self.bucket, Key=claim.key)
        coat = self.s3.get_object(Bucket=self.bucket, Key=claim.key, IfMatch=there["ETag"])
        data = b"".join(coat["Body"].iter_chunks())
        if hashlib.sha256(data).hexdigest() != claim.sha256:
            raise Refused(f"{claim.key} has been changed")
        return data


class Message:
    def __init__(self, kind, body, trace_id):
        self.body = body
        self.attributes = {"kind": kind, "trace_id": trace_id}

    def __len__(self):
        size = len(self.body.encode())
        for name, value in self.attributes.items():
            size += len(name.encode()) + len(b"String") + len(value.encode())
        return size

    def send(self, queue_url):
        attributes = {
            name: {"StringValue": value, "DataType": "String"}
            for name, value in self.attributes.items()
        }
        entry = {"Id": "0", "MessageBody": self.body, "MessageAttributes": attributes}
        reply = boto3.client("sqs").send_message_batch(QueueUrl=queue_url, Entries=[entry])
        if reply.get("Failed"):
            raise RuntimeError(reply["Failed"][0]["Message"])


def create_cloakroom(bucket):
    Cloakroom(bucket).open()


def send(document, trace_id):
    order = json.loads(document)
    message = Message("document", document, trace_id)
    limit = int(os.environ.get("MESSAGE_LIMIT_BYTES", 2**20))
    if len(message) > limit or "customer" in order:
        key, digest = Cloakroom(os.environ["CLAIMS_BUCKET"]).check_in(document.encode())
        claim = Claim(order["order_id"], key, digest)
        message = Message("claim", json.dumps(asdict(claim)), trace_id)
    message.send(os.environ["CLAIMS_QUEUE_URL"])


class Station:
    def __init__(self):
        self.cloakroom = Cloakroom(os.environ["CLAIMS_BUCKET"])
        self.dynamodb = boto3.client("dynamodb")

    def document(self, record):
        kind = record["messageAttributes"].get("kind", {}).get("stringValue")
        if kind == "claim":
            return self.cloakroom.redeem(Claim.parse(record["body"]))
        if kind == "document":
            return record["body"]
        raise Refused(f"kind {kind}")

    def pack(self, record):
        try:
            order = json.loads(self.document(record))
            pizzas = sum(line["quantity"] for line in order["lines"])
            item = {
                "order_id": {"S": order["order_id"]},
                "pizzas": {"N": str(pizzas)},
                "deliver_to": {"S": order.get("customer", {}).get("address", "counter")},
                "status": {"S": "PACKED"},
            }
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise Refused(str(error)) from error
        put = {
            "TableName": os.environ["PACKING_TABLE"],
            "Item": item,
            "ConditionExpression": "attribute_not_exists(order_id)",
        }
        try:
            self.dynamodb.transact_write_items(TransactItems=[{"Put": put}])
        except self.dynamodb.exceptions.TransactionCanceledException as error:
            if error.response["CancellationReasons"][0]["Code"] != "ConditionalCheckFailed":
                raise


def handler(event, context):
    station, failed = Station(), []
    for record in event["Records"]:
        try:
            station.pack(record)
        except (Refused, botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError):
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": id} for id in failed]}
