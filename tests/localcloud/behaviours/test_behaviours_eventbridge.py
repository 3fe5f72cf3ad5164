"""What the course relies on in Amazon EventBridge and EventBridge Scheduler."""

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError


def _rule(world, queue, pattern: dict, bus: str = "default", **target) -> None:
    events = world.client("events")
    events.put_rule(Name="rule", EventBusName=bus, EventPattern=json.dumps(pattern))
    reply = events.put_targets(
        Rule="rule", EventBusName=bus, Targets=[{"Id": "queue", "Arn": queue.arn, **target}]
    )
    assert reply["FailedEntryCount"] == 0


def _put(world, *details: dict, bus: str = "default", kind: str = "OrderPlaced") -> dict:
    return world.client("events").put_events(
        Entries=[
            {
                "Source": "pizzeria.orders",
                "DetailType": kind,
                "Detail": json.dumps(detail),
                "EventBusName": bus,
            }
            for detail in details
        ]
    )


def _delivered(world, queue, count: int) -> list[dict]:
    found: list[str] = []

    def enough() -> bool:
        found.extend(queue.bodies())
        return len(found) >= count

    world.eventually(enough)
    return [json.loads(body) for body in found + queue.bodies()]


def test_eventbridge_routes_by_pattern(world):
    queue = world.queue()
    pattern = {
        "source": [{"prefix": "pizzeria."}],
        "detail-type": ["OrderPlaced"],
        "detail": {
            "amount": [{"numeric": [">", 100, "<=", 500]}],
            "customer": {"city": [{"anything-but": "Rome"}]},
            "coupon": [{"exists": False}],
        },
    }
    _rule(world, queue, pattern)
    right = {"amount": 120, "customer": {"city": "Bari"}}

    _put(world, {**right, "amount": 100}, {**right, "amount": 501})
    _put(world, {**right, "customer": {"city": "Rome"}}, {**right, "coupon": "A"})
    _put(world, right, kind="OrderCancelled")
    _put(world, right)

    received = _delivered(world, queue, 1)
    assert [event["detail"] for event in received] == [right]
    assert received[0]["source"] == "pizzeria.orders"
    assert received[0]["account"] == world.account.id


def test_eventbridge_buses_are_apart(world):
    queue = world.queue()
    world.client("events").create_event_bus(Name="restaurant")
    _rule(world, queue, {"detail-type": ["OrderPlaced"]}, bus="restaurant")

    _put(world, {"order_id": "1"})
    _put(world, {"order_id": "2"}, bus="restaurant")

    assert [event["detail"]["order_id"] for event in _delivered(world, queue, 1)] == ["2"]


def test_eventbridge_transforms_the_input_of_a_target(world):
    queue = world.queue()
    transformer = {
        "InputPathsMap": {"order": "$.detail.order_id", "kind": "$.detail-type"},
        "InputTemplate": '{"task": "cook", "order": <order>, "because": "<kind> came in"}',
    }
    _rule(world, queue, {"detail-type": ["OrderPlaced"]}, InputTransformer=transformer)

    _put(world, {"order_id": "17"})

    assert _delivered(world, queue, 1) == [
        {"task": "cook", "order": "17", "because": "OrderPlaced came in"}
    ]


def test_eventbridge_says_whether_a_pattern_matches_an_event(world):
    event = {
        "id": "1",
        "account": world.account.id,
        "source": "pizzeria.orders",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail-type": "OrderPlaced",
        "detail": {"amount": 120},
    }

    def matches(pattern: dict) -> bool:
        return world.client("events").test_event_pattern(
            EventPattern=json.dumps(pattern), Event=json.dumps(event)
        )["Result"]

    assert matches({"detail": {"amount": [{"numeric": [">", 100]}]}})
    assert not matches({"detail": {"amount": [{"numeric": [">", 200]}]}})


EVENT = {"Source": "pizzeria.orders", "DetailType": "OrderPlaced", "Detail": "{}"}


def test_eventbridge_says_which_events_of_a_request_it_refused(world):
    bad = {**EVENT, "Source": "aws.orders", "Detail": "not JSON"}

    reply = world.client("events").put_events(Entries=[EVENT, bad])

    assert reply["FailedEntryCount"] == 1
    assert "EventId" in reply["Entries"][0]
    assert "ErrorCode" in reply["Entries"][1]


def test_eventbridge_refuses_a_detail_that_is_not_json(world):
    reply = world.client("events").put_events(Entries=[{**EVENT, "Detail": "not JSON"}])

    assert reply["Entries"][0].get("ErrorCode") == "MalformedDetail"


def test_eventbridge_refuses_events_in_the_name_of_aws(world):
    reply = world.client("events").put_events(Entries=[{**EVENT, "Source": "aws.orders"}])

    assert reply["Entries"][0].get("ErrorCode", "").startswith("NotAuthorizedForSource")


def test_eventbridge_takes_ten_events_a_request(world):
    assert _put(world, *[{}] * 10)["FailedEntryCount"] == 0

    with pytest.raises(ClientError) as refused:
        _put(world, *[{}] * 11)

    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_eventbridge_takes_an_event_above_256_kib(world):
    queue = world.queue()
    _rule(world, queue, {"detail-type": ["OrderPlaced"]})
    large = {"note": "x" * (300 * 1024)}

    assert _put(world, large)["FailedEntryCount"] == 0

    assert [event["detail"] for event in _delivered(world, queue, 1)] == [large]


def test_eventbridge_refuses_an_event_above_one_mebibyte(world):
    too_large = {"note": "x" * (1024 * 1024 + 1)}

    try:
        refused = _put(world, too_large)["FailedEntryCount"] == 1
    except ClientError:
        refused = True

    assert refused


def test_eventbridge_keeps_what_it_cannot_deliver_in_a_dead_letter_queue(world):
    queue, dead = world.queue(), world.queue("undelivered")
    _rule(
        world,
        queue,
        {"detail-type": ["OrderPlaced"]},
        DeadLetterConfig={"Arn": dead.arn},
        RetryPolicy={"MaximumRetryAttempts": 0},
    )
    queue.sqs.delete_queue(QueueUrl=queue.url)

    _put(world, {"order_id": "17"})

    assert _delivered(world, dead, 1)[0]["detail"] == {"order_id": "17"}


def test_eventbridge_replays_what_it_archived(world):
    queue, events = world.queue(), world.client("events")
    events.create_event_bus(Name="restaurant")
    bus = events.describe_event_bus(Name="restaurant")["Arn"]
    archive = events.create_archive(ArchiveName="all", EventSourceArn=bus)["ArchiveArn"]
    before = world.cloud.clock.now()
    _put(world, {"order_id": "17"}, bus="restaurant")
    world.let_pass(2)
    _rule(world, queue, {"detail-type": ["OrderPlaced"]}, bus="restaurant")
    assert queue.bodies() == [], "the rule came after the event"

    events.start_replay(
        ReplayName="again",
        EventSourceArn=archive,
        EventStartTime=before - timedelta(minutes=1),
        EventEndTime=world.cloud.clock.now(),
        Destination={"Arn": bus},
    )

    event = _delivered(world, queue, 1)[0]
    assert event["detail"] == {"order_id": "17"}
    assert event["replay-name"] == "again"


def test_eventbridge_rule_runs_on_a_schedule(world):
    queue, events = world.queue(), world.client("events")
    events.put_rule(Name="every-minute", ScheduleExpression="rate(1 minute)")
    events.put_targets(
        Rule="every-minute",
        Targets=[{"Id": "queue", "Arn": queue.arn, "Input": '{"task": "check"}'}],
    )

    world.let_pass(66)

    assert _delivered(world, queue, 1)[0] == {"task": "check"}


def _schedule(world, queue, seconds: int, order: str = "17", **more) -> None:
    at = world.cloud.clock.now() + timedelta(seconds=seconds)
    world.client("scheduler").create_schedule(
        Name=f"delivery-of-{order}",
        ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": queue.arn, "RoleArn": world.role, "Input": json.dumps({"order_id": order})},
        **more,
    )


def test_scheduler_fires_a_one_time_schedule_once(world):
    queue = world.queue()
    _schedule(world, queue, seconds=6)
    assert queue.bodies() == []

    world.let_pass(14)

    assert _delivered(world, queue, 1) == [{"order_id": "17"}]
    world.let_pass(14)
    assert queue.bodies() == []


def test_scheduler_deletes_a_schedule_after_it_fired(world):
    queue, scheduler = world.queue(), world.client("scheduler")
    _schedule(world, queue, seconds=6, ActionAfterCompletion="DELETE")
    assert scheduler.get_schedule(Name="delivery-of-17")["State"] == "ENABLED"

    world.let_pass(14)

    def gone() -> bool:
        try:
            scheduler.get_schedule(Name="delivery-of-17")
        except scheduler.exceptions.ResourceNotFoundException:
            return True
        return False

    world.eventually(gone)


def test_scheduler_fires_nothing_that_was_deleted_before(world):
    queue, scheduler = world.queue(), world.client("scheduler")
    _schedule(world, queue, seconds=6, order="17")
    _schedule(world, queue, seconds=6, order="18")
    scheduler.delete_schedule(Name="delivery-of-17")

    world.let_pass(14)

    assert _delivered(world, queue, 1) == [{"order_id": "18"}]
