"""A run is told in words that somebody can follow who was not there."""

from datetime import datetime, timedelta, timezone

from autograder.history import Note, tell
from localcloud import Call

START = datetime(2026, 11, 21, 19, 40, tzinfo=timezone.utc)


def call(number: int, caller: str, operation: str, **more: object) -> Call:
    parts = {
        "time": START + timedelta(seconds=number / 100),
        "service": "sqs",
        "resource": "orders",
        "outcome": "ok",
        "summary": "order 17",
        "messages": ("m1",),
    }
    return Call(number=number, caller=caller, operation=operation, **{**parts, **more})


def test_a_crash_and_the_second_delivery_are_told_in_order() -> None:
    put = {"service": "dynamodb", "resource": "cooked", "messages": ()}
    later = {"time": START + timedelta(seconds=33), "passed": 31.0}
    calls = [
        call(1, "Lambda", "ReceiveMessage"),
        call(2, "kitchen", "PutItem", **put, outcome="killed after"),
        call(3, "Lambda", "ReceiveMessage", **later),
        call(
            4, "kitchen", "PutItem", **{**put, **later}, outcome="ConditionalCheckFailedException"
        ),
        call(5, "Lambda", "DeleteMessageBatch", **later),
    ]
    reported = Note(4, "the kitchen reports 1 record as failed", 31.0)
    assert tell(calls, [reported], "kitchen") == [
        "SQS delivers order 17 to the kitchen.",
        "The kitchen is killed just after PutItem on cooked (order 17) took effect.",
        "31 seconds pass.",
        "SQS delivers order 17 to the kitchen again.",
        "The kitchen calls PutItem on cooked (order 17); DynamoDB answers "
        "ConditionalCheckFailedException.",
        "The kitchen reports 1 record as failed.",
        "Lambda deletes order 17 from the queue.",
    ]


def test_the_same_call_many_times_is_told_once() -> None:
    calls = [call(n, "kitchen", "SendMessage") for n in range(1, 201)]
    assert tell(calls, [], "kitchen") == [
        "The kitchen calls SendMessage on orders (order 17) (200 times)."
    ]


def test_a_note_stands_between_calls_that_are_told_alike_and_time_passes_where_it_passed() -> None:
    calls = [call(1, "kitchen", "SendMessage"), call(2, "kitchen", "SendMessage", passed=7200.0)]
    for passed, passes in ((0.0, 2), (7200.0, 1)):
        steps = tell(calls, [Note(1, "somebody looks", passed)], "kitchen")
        assert steps[passes] == "2 hours pass."
        assert steps[3 - passes] == "Somebody looks."


def test_the_time_that_a_slow_machine_takes_is_not_told() -> None:
    slow = {"time": START + timedelta(minutes=5)}
    calls = [call(1, "kitchen", "SendMessage"), call(2, "kitchen", "DeleteMessage", **slow)]
    assert len(tell(calls, [], "kitchen")) == 2


def test_receiving_nothing_is_not_worth_telling_and_the_time_around_it_is_told_once() -> None:
    empty = {"messages": (), "summary": "empty"}
    calls = [call(n, "Lambda", "ReceiveMessage", **empty, passed=31.0 * n) for n in range(1, 11)]
    assert tell(calls[:1], [], "kitchen") == []
    assert tell([call(0, "kitchen", "SendMessage"), *calls], [], "kitchen")[1:] == [
        "5 minutes pass."
    ]


def test_a_long_history_keeps_its_beginning_and_its_end() -> None:
    calls = [call(n, "kitchen", "SendMessage", summary=f"order {n}") for n in range(1, 101)]
    steps = tell(calls, [], "kitchen")
    assert len(steps) == 41
    assert "order 1)" in steps[0] and "order 100)" in steps[-1] and "60 more" in steps[20]


def test_a_long_history_keeps_the_crash_in_its_middle() -> None:
    calls = [call(n, "kitchen", "SendMessage", summary=f"order {n}") for n in range(1, 101)]
    calls[49] = call(50, "kitchen", "SendMessage", summary="order 50", outcome="killed after")
    steps = tell(calls, [], "kitchen")
    assert "29 more" in steps[20] and "is killed" in steps[21] and "30 more" in steps[22]


def test_a_call_to_s3_names_the_object_and_its_bucket() -> None:
    coat = {"service": "s3", "resource": "restaurant", "summary": "coats/17", "messages": ()}
    calls = [
        call(1, "orders", "PutObject", **coat),
        call(2, "orders", "GetObject", **coat, outcome="NoSuchKey"),
        call(3, "orders", "CreateBucket", **{**coat, "summary": ""}),
    ]
    assert tell(calls, [], "orders") == [
        "The orders calls PutObject on coats/17 in restaurant.",
        "The orders calls GetObject on coats/17 in restaurant; S3 answers NoSuchKey.",
        "The orders calls CreateBucket on restaurant.",
    ]


def test_what_a_function_is_asked_and_what_it_answers_is_told_by_its_name():
    invoke = {"service": "lambda", "resource": "payments", "summary": "charge order 17"}
    calls = [
        call(n, "saga", "Invoke", **{**invoke, "messages": (), "outcome": outcome})
        for n, outcome in enumerate(("ok", "CardDeclined", "TooManyRequestsException"), 1)
    ]
    assert tell(calls, [], "saga") == [
        "The saga calls payments: charge order 17.",
        "The saga calls payments: charge order 17; payments answers CardDeclined.",
        "The saga calls payments: charge order 17; Lambda answers TooManyRequestsException.",
    ]
