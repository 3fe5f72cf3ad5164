"""What the course relies on in AWS Lambda: invoking, retrying, event sources."""

import json

import pytest
from botocore.exceptions import ClientError

ECHO = """
    def handler(event, context):
        return {"got": event}
"""
FAILS = """
    def handler(event, context):
        raise ValueError("no oven")
"""
# A function reports what it was given to the queue that its environment names.
REPORTS = """
    import json, os
    import boto3

    def handler(event, context):
        boto3.client("sqs").send_message(
            QueueUrl=os.environ["REPORT_TO"], MessageBody=json.dumps(event)
        )
"""
COOKS_ALL_BUT_BAD = """
    def handler(event, context):
        failed = [r["messageId"] for r in event["Records"] if r["body"] == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": i} for i in failed]}
"""


def _invoke(world, event: object = None, name: str = "kitchen", **more) -> tuple[dict, object]:
    reply = world.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), **more)
    body = reply["Payload"].read()
    return reply, json.loads(body) if body else None


def test_lambda_answers_with_what_the_handler_returns(world):
    world.function(ECHO)

    reply, answer = _invoke(world, {"order_id": "17"})

    assert reply["StatusCode"] == 200
    assert "FunctionError" not in reply
    assert answer == {"got": {"order_id": "17"}}


def test_lambda_tells_the_error_of_a_handler(world):
    world.function(FAILS)

    reply, answer = _invoke(world)

    assert reply["FunctionError"] == "Unhandled"
    assert answer["errorMessage"] == "no oven"


def test_lambda_names_the_exception_of_a_handler(world):
    world.function(FAILS)

    _, answer = _invoke(world)

    assert answer["errorType"] == "ValueError"


def test_lambda_stops_a_handler_at_its_timeout(world):
    world.function(
        """
        import time

        def handler(event, context):
            time.sleep(30)
        """,
        Timeout=1,
    )

    reply, answer = _invoke(world)

    assert reply["FunctionError"] == "Unhandled"
    assert "timed out" in answer["errorMessage"]


def test_lambda_without_reserved_concurrency_left_is_throttled(world):
    world.function(ECHO)
    world.client("lambda").put_function_concurrency(
        FunctionName="kitchen", ReservedConcurrentExecutions=0
    )

    with pytest.raises(ClientError) as refused:
        _invoke(world)

    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"


def test_lambda_can_call_other_services(world):
    replies = world.queue("replies")
    world.function(REPORTS, Environment={"Variables": {"REPORT_TO": replies.url}}, Timeout=30)

    reply, _ = _invoke(world, {"order_id": "17"})

    assert "FunctionError" not in reply
    assert [json.loads(body) for body in replies.bodies()] == [{"order_id": "17"}]


def test_lambda_retries_an_asynchronous_event_twice_and_then_hands_it_on(world):
    world.function(FAILS)
    failed = world.queue("failed")
    world.client("lambda").put_function_event_invoke_config(
        FunctionName="kitchen", DestinationConfig={"OnFailure": {"Destination": failed.arn}}
    )

    reply, _ = _invoke(world, {"order_id": "17"}, InvocationType="Event")
    assert reply["StatusCode"] == 202

    def handed_on() -> list[str]:
        if not (found := failed.bodies()):
            world.let_pass(60)  # it waits a minute before the first retry, two before the second
        return found

    record = json.loads(world.eventually(handed_on)[0])
    assert record["requestPayload"] == {"order_id": "17"}
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3


def test_lambda_takes_messages_from_a_queue_and_deletes_them(world):
    queue, replies = world.queue("work", VisibilityTimeout="60"), world.queue("replies")
    world.function(REPORTS, Environment={"Variables": {"REPORT_TO": replies.url}}, Timeout=30)
    world.client("lambda").create_event_source_mapping(
        EventSourceArn=queue.arn, FunctionName="kitchen"
    )

    queue.send("order 17")

    event = json.loads(world.eventually(replies.bodies)[0])
    assert [record["body"] for record in event["Records"]] == ["order 17"]
    world.eventually(lambda: (queue.waiting(), queue.in_flight()) == (0, 0))


def test_lambda_reports_failed_messages_and_only_those_come_back(world):
    queue, dead = world.queue_with_dead_letters(receives=2, VisibilityTimeout="30")
    world.function(COOKS_ALL_BUT_BAD, Timeout=5)
    world.client("lambda").create_event_source_mapping(
        EventSourceArn=queue.arn,
        FunctionName="kitchen",
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    queue.sqs.send_message_batch(
        QueueUrl=queue.url,
        Entries=[{"Id": body, "MessageBody": body} for body in ("good", "bad", "fine")],
    )
    world.eventually(lambda: (queue.waiting(), queue.in_flight()) == (0, 1))

    world.let_pass(31)  # the bad one is tried once more
    world.eventually(lambda: (queue.waiting(), queue.in_flight()) == (0, 1))
    world.let_pass(31)

    assert world.eventually(dead.bodies) == ["bad"]
    assert (queue.waiting(), queue.in_flight()) == (0, 0)


def test_lambda_event_source_passes_only_what_its_filter_lets_through(world):
    queue, replies = world.queue("work"), world.queue("replies")
    world.function(REPORTS, Environment={"Variables": {"REPORT_TO": replies.url}}, Timeout=30)
    pattern = {"body": {"kind": ["pizza"]}}
    world.client("lambda").create_event_source_mapping(
        EventSourceArn=queue.arn,
        FunctionName="kitchen",
        FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]},
    )

    queue.send(json.dumps({"kind": "salad"}))
    queue.send(json.dumps({"kind": "pizza"}))

    event = json.loads(world.eventually(replies.bodies)[0])
    assert [json.loads(r["body"])["kind"] for r in event["Records"]] == ["pizza"]
    world.eventually(lambda: queue.waiting() == 0)
    assert replies.bodies() == [], "what the filter stops is gone, not handed over"


def test_lambda_is_fed_by_a_table_stream_through_a_filter(world):
    replies = world.queue("replies")
    dynamodb = world.table(
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    )
    world.function(REPORTS, Environment={"Variables": {"REPORT_TO": replies.url}}, Timeout=30)
    pattern = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"event": {"S": ["placed"]}}}}
    world.client("lambda").create_event_source_mapping(
        EventSourceArn=dynamodb.describe_table(TableName="orders")["Table"]["LatestStreamArn"],
        FunctionName="kitchen",
        StartingPosition="TRIM_HORIZON",
        FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]},
    )

    for number, event in (("17", "other"), ("18", "placed")):
        dynamodb.put_item(
            TableName="orders", Item={"order_id": {"S": number}, "event": {"S": event}}
        )
    dynamodb.delete_item(TableName="orders", Key={"order_id": {"S": "17"}})

    event = json.loads(world.eventually(replies.bodies)[0])
    keys = [record["dynamodb"]["Keys"]["order_id"]["S"] for record in event["Records"]]
    assert keys == ["18"]


def test_lambda_runs_a_durable_function(world):
    world.function(
        """
        from aws_durable_execution_sdk_python import durable_execution

        @durable_execution
        def handler(event, context):
            return context.step(lambda step: {"cooked": event["order_id"]})
        """,
        DurableConfig={"ExecutionTimeout": 60, "RetentionPeriodInDays": 1},
        Timeout=30,
        Publish=True,
    )

    reply, answer = _invoke(world, {"order_id": "17"}, Qualifier="1")

    assert "FunctionError" not in reply
    assert answer == {"cooked": "17"}
