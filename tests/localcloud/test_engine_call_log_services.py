"""The log names each call of each service as boto3 does, with its resource, outcome and content."""

from __future__ import annotations

import contextlib
import json

import pytest
from botocore.exceptions import ClientError

ORDER = {"order_id": {"S": "17"}}
BODY = json.dumps({"order_id": 17})


@pytest.fixture
def logged(account):
    """Return a function that makes one call and tells how it was logged."""

    def make(service: str, operation: str, **parameters) -> tuple[str, str, str, str, str]:
        client = account.client(service)
        before = len(account.calls)
        with contextlib.suppress(ClientError):
            getattr(client, operation)(**parameters)
        call = account.calls[before]
        return call.service, call.operation, call.resource, call.outcome, call.summary

    return make


def test_dynamodb_calls(logged, table):
    new = {"ConditionExpression": "attribute_not_exists(order_id)"}
    put = {"Put": {"TableName": table, "Item": ORDER}}
    update = {
        "Update": {
            "TableName": table,
            "Key": {"order_id": {"S": "18"}},
            "UpdateExpression": "ADD points :ten",
            "ExpressionAttributeValues": {":ten": {"N": "10"}},
        }
    }
    refused_put = {"Put": {**put["Put"], **new}}
    calls = [
        logged("dynamodb", "put_item", TableName=table, Item={**ORDER, "n": {"N": "1"}}, **new),
        logged("dynamodb", "put_item", TableName=table, Item=ORDER, **new),
        logged("dynamodb", "get_item", TableName=table, Key=ORDER),
        logged("dynamodb", "delete_item", TableName=table, Key=ORDER),
        logged("dynamodb", "scan", TableName=table),
        logged("dynamodb", "transact_write_items", TransactItems=[put, update]),
        logged("dynamodb", "transact_write_items", TransactItems=[refused_put]),
        logged(
            "dynamodb",
            "batch_write_item",
            RequestItems={table: [{"PutRequest": {"Item": ORDER}}]},
        ),
        logged("dynamodb", "get_item", TableName="missing", Key=ORDER),
    ]

    assert calls == [
        ("dynamodb", "PutItem", "cooked", "ok", "order 17"),
        ("dynamodb", "PutItem", "cooked", "ConditionalCheckFailedException", "order 17"),
        ("dynamodb", "GetItem", "cooked", "ok", "order 17"),
        ("dynamodb", "DeleteItem", "cooked", "ok", "order 17"),
        ("dynamodb", "Scan", "cooked", "ok", ""),
        ("dynamodb", "TransactWriteItems", "cooked", "ok", "order 17, order 18"),
        (
            "dynamodb",
            "TransactWriteItems",
            "cooked",
            "TransactionCanceledException (ConditionalCheckFailed)",
            "order 17",
        ),
        ("dynamodb", "BatchWriteItem", "cooked", "ok", "order 17"),
        ("dynamodb", "GetItem", "missing", "ResourceNotFoundException", "order 17"),
    ]


def test_a_transaction_over_several_tables_names_them_all(logged, account, table):
    dynamodb = account.observer.client("dynamodb")
    described = dynamodb.describe_table(TableName=table)["Table"]
    dynamodb.create_table(
        TableName="inbox",
        KeySchema=described["KeySchema"],
        AttributeDefinitions=described["AttributeDefinitions"],
        BillingMode="PAY_PER_REQUEST",
    )

    puts = [{"Put": {"TableName": name, "Item": ORDER}} for name in ("inbox", table)]

    assert logged("dynamodb", "transact_write_items", TransactItems=puts)[2] == "cooked, inbox"


def test_s3_calls_have_the_names_that_boto3_gives_them(logged):
    bucket = {"Bucket": "cloakroom-of-the-log"}
    coat = {**bucket, "Key": "coats/17"}
    rules = [{"ID": "r", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}]
    calls = [
        logged("s3", "create_bucket", **bucket),
        logged("s3", "put_object", **coat, Body=b"a coat"),
        logged("s3", "put_object", **coat, Body=b"a coat", IfNoneMatch="*"),
        logged("s3", "get_object", **coat),
        logged("s3", "head_object", **coat),
        logged("s3", "copy_object", **bucket, Key="copy", CopySource=coat),
        logged("s3", "list_objects_v2", **bucket),
        logged(
            "s3",
            "put_bucket_lifecycle_configuration",
            **bucket,
            LifecycleConfiguration={"Rules": rules},
        ),
        logged("s3", "delete_object", **coat),
        logged("s3", "get_object", **coat),
        logged("s3", "head_object", **coat),
    ]

    assert {(service, resource) for service, _, resource, _, _ in calls} == {
        ("s3", "cloakroom-of-the-log")
    }
    assert [(operation, outcome, summary) for _, operation, _, outcome, summary in calls] == [
        ("CreateBucket", "ok", ""),
        ("PutObject", "ok", "coats/17"),
        ("PutObject", "PreconditionFailed", "coats/17"),
        ("GetObject", "ok", "coats/17"),
        ("HeadObject", "ok", "coats/17"),
        ("CopyObject", "ok", "copy"),
        ("ListObjectsV2", "ok", ""),
        ("PutBucketLifecycleConfiguration", "ok", ""),
        ("DeleteObject", "ok", "coats/17"),
        ("GetObject", "NoSuchKey", "coats/17"),
        ("HeadObject", "404", "coats/17"),
    ]


def test_sns_calls(logged, account):
    created = logged("sns", "create_topic", Name="placed")
    topic = f"arn:aws:sns:us-east-1:{account.id}:placed"
    batch = [{"Id": str(n), "Message": json.dumps({"order_id": n})} for n in (17, 18)]

    assert created == ("sns", "CreateTopic", "placed", "ok", "")
    assert logged("sns", "publish", TopicArn=topic, Message=BODY) == (
        "sns",
        "Publish",
        "placed",
        "ok",
        "order 17",
    )
    assert logged("sns", "publish_batch", TopicArn=topic, PublishBatchRequestEntries=batch) == (
        "sns",
        "PublishBatch",
        "placed",
        "ok",
        "order 17, order 18",
    )
    assert logged("sns", "publish", TopicArn=topic + "-missing", Message=BODY)[3] == "NotFound"


def test_events_calls(logged):
    event = {"Source": "orders", "DetailType": "OrderPlaced", "Detail": BODY}
    on_a_bus = {**event, "EventBusName": "restaurant"}

    assert logged("events", "create_event_bus", Name="restaurant")[2] == "restaurant"
    assert logged("events", "put_rule", Name="rule", EventPattern='{"source": ["orders"]}') == (
        "events",
        "PutRule",
        "rule",
        "ok",
        "",
    )
    assert logged("events", "put_events", Entries=[event, on_a_bus]) == (
        "events",
        "PutEvents",
        "default, restaurant",
        "ok",
        "OrderPlaced order 17, OrderPlaced order 17",
    )


def test_lambda_calls(logged, account, lambda_package):
    function = {
        "FunctionName": "kitchen",
        "Runtime": "python3.12",
        "Role": f"arn:aws:iam::{account.id}:role/any",
        "Handler": "index.handler",
        "Code": {"ZipFile": lambda_package("def handler(event, context): return 1")},
    }
    arn = f"arn:aws:lambda:us-east-1:{account.id}:function:kitchen"

    assert logged("lambda", "create_function", **function)[:4] == (
        "lambda",
        "CreateFunction",
        "kitchen",
        "ok",
    )
    assert logged("lambda", "invoke", FunctionName=arn)[1:4] == ("Invoke", "kitchen", "ok")
    assert logged("lambda", "get_function", FunctionName="none")[1:4] == (
        "GetFunction",
        "none",
        "ResourceNotFoundException",
    )


def test_kms_calls(logged, account):
    kms = account.observer.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    context = {"order_id": "17"}
    blob = kms.encrypt(KeyId=key, Plaintext=b"street", EncryptionContext=context)["CiphertextBlob"]

    assert logged("kms", "encrypt", KeyId=key, Plaintext=b"x")[:4] == ("kms", "Encrypt", key, "ok")
    assert logged("kms", "decrypt", CiphertextBlob=blob)[3] == "InvalidCiphertextException"


def test_stepfunctions_calls(logged, account):
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    role = f"arn:aws:iam::{account.id}:role/any"
    machine = f"arn:aws:states:us-east-1:{account.id}:stateMachine:order"

    created = logged(
        "stepfunctions", "create_state_machine", name="order", definition=definition, roleArn=role
    )
    assert created[:4] == ("stepfunctions", "CreateStateMachine", "order", "ok")
    assert logged("stepfunctions", "start_execution", stateMachineArn=machine)[:4] == (
        "stepfunctions",
        "StartExecution",
        "order",
        "ok",
    )


def test_calls_of_further_services_have_the_names_that_boto3_gives_them(logged, account):
    role = f"arn:aws:iam::{account.id}:role/any"
    schedule = {
        "Name": "delivery",
        "ScheduleExpression": "at(2100-01-01T00:00:00)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": f"arn:aws:sqs:us-east-1:{account.id}:orders", "RoleArn": role},
    }
    template = json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    metric = [{"MetricName": "Waiting", "Value": 1}]
    calls = [
        logged("scheduler", "create_schedule", **schedule),
        logged("scheduler", "delete_schedule", Name="delivery"),
        logged("kinesis", "create_stream", StreamName="clicks", ShardCount=1),
        logged("kinesis", "put_record", StreamName="clicks", PartitionKey="ada", Data=b"x"),
        logged("cloudformation", "create_stack", StackName="pizzeria", TemplateBody=template),
        logged("cloudwatch", "put_metric_data", Namespace="Pizzeria", MetricData=metric),
        logged("apigateway", "create_rest_api", name="pizzeria"),
        logged("apigatewayv2", "create_api", Name="pizzeria", ProtocolType="HTTP"),
        logged("dynamodbstreams", "list_streams"),
        logged("sts", "get_caller_identity"),
    ]

    assert [call[:4] for call in calls] == [
        ("scheduler", "CreateSchedule", "delivery", "ok"),
        ("scheduler", "DeleteSchedule", "delivery", "ok"),
        ("kinesis", "CreateStream", "clicks", "ok"),
        ("kinesis", "PutRecord", "clicks", "ok"),
        ("cloudformation", "CreateStack", "pizzeria", "ok"),
        ("cloudwatch", "PutMetricData", "", "ok"),
        ("apigateway", "CreateRestApi", "", "ok"),
        ("apigatewayv2", "CreateApi", "", "ok"),
        ("dynamodbstreams", "ListStreams", "stream", "ok"),
        ("sts", "GetCallerIdentity", "", "ok"),
    ]


def test_ids_and_checksums_in_keys_of_s3_are_left_out(account, logged):
    bucket = {"Bucket": f"shop-{account.id}"}
    logged("s3", "create_bucket", **bucket)
    keys = {
        "coats/17.json": "coats/17.json",
        "coats/0b2f6a1e-90f3-4c8e-9a51-3d1f7f6f0c11": "coats/…",
        "coats/2026/" + "a1b2c3d4" * 8 + ".json": "coats/2026/….json",
    }

    told = [logged("s3", "put_object", **bucket, Key=key, Body=b"")[-1] for key in keys]

    assert told == list(keys.values())
