"""Emulated time moves on demand, and one move does all that fell due meanwhile."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone

import pytest

import localcloud

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def cloud():
    """An engine of our own: other tests share theirs, and its clock."""
    with localcloud.start() as cloud:
        yield cloud


@pytest.fixture
def role(account) -> str:
    return f"arn:aws:iam::{account.id}:role/any"


def _queue(account, name: str, **attributes: str) -> tuple[str, str]:
    url = account.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, f"arn:aws:sqs:us-east-1:{account.id}:{name}"


def _bodies(account, url: str) -> list[str]:
    reply = account.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0
    )
    return [message["Body"] for message in reply.get("Messages", [])]


def _inbox(dynamodb) -> None:
    dynamodb.create_table(
        TableName="inbox",
        KeySchema=[{"AttributeName": "event_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "event_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.update_time_to_live(
        TableName="inbox",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "forget_after"},
    )


def test_a_new_engine_shows_the_computers_time():
    with localcloud.start() as cloud:
        assert abs(cloud.clock.now() - datetime.now(timezone.utc)) < timedelta(seconds=5)


@pytest.mark.parametrize("by", [WEEK, WEEK.total_seconds(), timedelta(milliseconds=1), 0])
def test_a_move_ends_where_it_should_and_time_ticks_on(cloud, by):
    before = cloud.clock.now()
    after = cloud.clock.advance(by)
    later = cloud.clock.now()

    asked = by if isinstance(by, timedelta) else timedelta(seconds=by)
    assert asked <= after - before < asked + timedelta(seconds=5)
    assert after < later < after + timedelta(seconds=5)


def test_a_move_does_not_go_back(cloud):
    with pytest.raises(localcloud.EngineError, match="moves forward only"):
        cloud.clock.advance(-1)


def test_a_clock_that_was_set_wakes_what_falls_due(account_after_a_set):
    account = account_after_a_set
    dynamodb, clock = account.client("dynamodb"), account.cloud.clock
    url, arn = _queue(account, "alerts", VisibilityTimeout="30")
    forget_after = str(int((clock.now() + WEEK).timestamp()))
    _inbox(dynamodb)
    item = {"event_id": {"S": "e1"}, "forget_after": {"N": forget_after}}
    dynamodb.put_item(TableName="inbox", Item=item)
    account.client("scheduler").create_schedule(
        Name="delivery-soon",
        ScheduleExpression=f"at({clock.now() + HOUR:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": f"arn:aws:iam::{account.id}:role/any", "Input": "soon"},
    )

    clock.advance(HOUR - timedelta(minutes=1))
    assert _bodies(account, url) == []
    clock.advance(timedelta(minutes=2))
    assert _bodies(account, url) == ["soon"]
    clock.advance(31)
    assert _bodies(account, url) == ["soon"], "visible again"
    clock.advance(WEEK - 2 * HOUR)
    assert dynamodb.scan(TableName="inbox")["Count"] == 1
    clock.advance(2 * HOUR)
    assert dynamodb.scan(TableName="inbox")["Count"] == 0


@pytest.fixture(params=["back", "forward"])
def account_after_a_set(request):
    with localcloud.start() as cloud:
        before = cloud.account()
        _inbox(before.client("dynamodb"))  # its reaper sleeps
        before.client("scheduler").list_schedules()
        cloud.clock.advance(52 * WEEK)
        passed = cloud.clock.passed()
        now = cloud.clock.now() + (-40 if request.param == "back" else 40) * WEEK
        cloud.clock.set(now)
        assert timedelta(0) <= cloud.clock.now() - now < timedelta(seconds=5)
        assert cloud.clock.passed() == passed, "nobody let time pass"
        yield cloud.account()


def test_a_week_passes_in_no_time(cloud):
    started = time.monotonic()
    cloud.clock.advance(WEEK)

    assert time.monotonic() - started < 3.0


def test_all_accounts_have_the_same_time(cloud, account):
    other = cloud.account()
    account.client("sqs").list_queues()
    cloud.clock.advance(HOUR)
    other.client("sqs").list_queues()

    assert other.calls[0].time - account.calls[0].time >= HOUR


# --- one move does what fell due, before it returns ---


@pytest.mark.parametrize("attempt", range(5))
def test_a_schedule_an_hour_ahead_has_fired_when_the_move_returns(cloud, account, role, attempt):
    url, arn = _queue(account, "alerts")
    at = cloud.clock.now() + HOUR
    account.client("scheduler").create_schedule(
        Name="delivery-soon",
        ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": role, "Input": '{"order_id": "17"}'},
    )
    cloud.clock.advance(HOUR - timedelta(minutes=1))
    assert _bodies(account, url) == []

    cloud.clock.advance(timedelta(minutes=1, seconds=1))

    assert _bodies(account, url) == ['{"order_id": "17"}']


def test_an_item_is_gone_when_the_move_past_its_time_to_live_returns(cloud, account):
    dynamodb = account.client("dynamodb")
    _inbox(dynamodb)
    forget_after = str(int((cloud.clock.now() + WEEK).timestamp()))
    item = {"event_id": {"S": "e1"}, "forget_after": {"N": forget_after}}
    dynamodb.put_item(TableName="inbox", Item=item)

    cloud.clock.advance(WEEK - HOUR)
    assert dynamodb.scan(TableName="inbox")["Count"] == 1
    cloud.clock.advance(2 * HOUR)
    assert dynamodb.scan(TableName="inbox")["Count"] == 0


def test_a_message_lives_and_dies_by_the_moves(cloud, account):
    url, _ = _queue(account, "orders", VisibilityTimeout="30", MessageRetentionPeriod="1209600")
    sqs = account.client("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="order 17", DelaySeconds=900)

    assert _bodies(account, url) == [], "delayed"
    cloud.clock.advance(901)
    assert _bodies(account, url) == ["order 17"]
    assert _bodies(account, url) == [], "in flight"
    cloud.clock.advance(31)
    assert _bodies(account, url) == ["order 17"]
    cloud.clock.advance(2 * WEEK)
    assert _bodies(account, url) == [], "beyond its retention"


def test_a_redrive_goes_on_with_the_moves(cloud, account):
    dead, dead_arn = _queue(account, "orders-dlq")
    policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    _, arn = _queue(account, "orders", RedrivePolicy=policy)
    sqs = account.client("sqs")
    for number in range(30):
        sqs.send_message(QueueUrl=dead, MessageBody=str(number))
    sqs.start_message_move_task(
        SourceArn=dead_arn, DestinationArn=arn, MaxNumberOfMessagesPerSecond=1
    )

    def moved() -> int:
        reply = sqs.list_message_move_tasks(SourceArn=dead_arn)
        return reply["Results"][0]["ApproximateNumberOfMessagesMoved"]

    at_once = moved()
    cloud.clock.advance(10)

    assert 1 <= at_once <= 8
    assert at_once + 10 <= moved() <= at_once + 15
    cloud.clock.advance(30)
    assert moved() == 30


# --- Step Functions: many waits within one move ---


def _execution(account, role: str, start_at: str, states: dict) -> str:
    machines = account.client("stepfunctions")
    machine = machines.create_state_machine(
        name="order",
        definition=json.dumps({"StartAt": start_at, "States": states}),
        roleArn=role,
    )["stateMachineArn"]
    return machines.start_execution(stateMachineArn=machine, input="{}")["executionArn"]


def _status(account, execution: str) -> str:
    return account.client("stepfunctions").describe_execution(executionArn=execution)["status"]


def _times(account, execution: str, kind: str) -> list[datetime]:
    machines = account.client("stepfunctions")
    events = machines.get_execution_history(executionArn=execution)["events"]
    return [event["timestamp"] for event in events if event["type"] == kind]


def test_waits_that_follow_one_another_are_over_after_one_move_each_at_its_own_time(
    cloud, account, role
):
    hour = {"Type": "Wait", "Seconds": 3600}
    states = {
        "First": {**hour, "Next": "Second"},
        "Second": {**hour, "Next": "Third"},
        "Third": {**hour, "End": True},
    }
    execution = _execution(account, role, "First", states)

    cloud.clock.advance(1.5 * HOUR)
    assert _status(account, execution) == "RUNNING"
    cloud.clock.advance(2 * HOUR)

    assert _status(account, execution) == "SUCCEEDED"
    first, second, third = _times(account, execution, "WaitStateExited")
    assert HOUR <= second - first < HOUR + timedelta(seconds=5)
    assert HOUR <= third - second < HOUR + timedelta(seconds=5)


def test_retries_with_backoff_are_over_after_one_move(cloud, account, role):
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Parameters": {"TableName": "missing", "Item": {"id": {"S": "1"}}},
        "Retry": [
            {
                "ErrorEquals": ["States.ALL"],
                "IntervalSeconds": 10,
                "BackoffRate": 2,
                "MaxAttempts": 3,
            }
        ],
        "End": True,
    }
    execution = _execution(account, role, "Write", {"Write": task})

    cloud.clock.advance(65)
    assert _status(account, execution) == "RUNNING", "10 + 20 + 40 seconds"
    cloud.clock.advance(10)

    assert _status(account, execution) == "FAILED"


def test_a_callback_that_does_not_come_times_out_with_the_move(cloud, account, role):
    url, _ = _queue(account, "payments")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": url, "MessageBody.$": "$$.Task.Token"},
        "TimeoutSeconds": 900,
        "End": True,
    }
    execution = _execution(account, role, "Ask", {"Ask": task})

    cloud.clock.advance(timedelta(minutes=14))
    assert _status(account, execution) == "RUNNING"
    cloud.clock.advance(timedelta(minutes=2))

    assert _status(account, execution) in ("FAILED", "TIMED_OUT")


def test_a_callback_without_a_timeout_is_waited_for_a_week(cloud, account, role):
    url, _ = _queue(account, "payments")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": url, "MessageBody.$": "$$.Task.Token"},
        "End": True,
    }
    execution = _execution(account, role, "Ask", {"Ask": task})
    cloud.clock.advance(1)
    (token,) = _bodies(account, url)

    cloud.clock.advance(WEEK)

    assert _status(account, execution) == "RUNNING"
    account.client("stepfunctions").send_task_success(taskToken=token, output="{}")


# --- what an event source mapping must not do to a move ---


def test_moves_stay_quick_while_a_queue_feeds_a_function(cloud, account, role, lambda_package):
    _, arn = _queue(account, "work")
    functions = account.client("lambda")
    functions.create_function(
        FunctionName="kitchen",
        Runtime="python3.12",
        Role=role,
        Handler="index.handler",
        Code={"ZipFile": lambda_package("def handler(event, context): return {}")},
    )
    mapping = functions.create_event_source_mapping(FunctionName="kitchen", EventSourceArn=arn)

    started = time.monotonic()
    for _ in range(10):
        cloud.clock.advance(30)
    took = time.monotonic() - started
    functions.delete_event_source_mapping(UUID=mapping["UUID"])

    assert took < 8.0, "each move is over at once"


# --- waiting ---


def test_a_long_poll_that_finds_nothing_moves_the_clock_instead_of_waiting(cloud, account):
    url, _ = _queue(account, "orders", ReceiveMessageWaitTimeSeconds="20")
    sqs = account.client("sqs")
    before, started = cloud.clock.now(), time.monotonic()

    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)

    assert time.monotonic() - started < 15.0
    assert timedelta(seconds=30) <= cloud.clock.now() - before < timedelta(seconds=45)


def test_without_skipping_a_long_poll_waits_for_real():
    with localcloud.start(skip_waits=False) as cloud:
        account = cloud.account()
        url, _ = _queue(account, "orders")
        before, started = cloud.clock.now(), time.monotonic()

        account.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1)

        assert time.monotonic() - started >= 0.9
        assert cloud.clock.now() - before < timedelta(seconds=5)
