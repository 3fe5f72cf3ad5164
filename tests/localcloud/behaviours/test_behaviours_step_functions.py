"""What the course relies on in AWS Step Functions, without a Lambda function."""

import json

import pytest
from botocore.exceptions import ClientError

DONE = {"Type": "Succeed"}


def _output(world, execution: str) -> object:
    ended = world.eventually(lambda: world.ended(execution))
    assert ended["status"] == "SUCCEEDED"
    return json.loads(ended["output"])


def _send(queue, **more) -> dict:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": queue.url, "MessageBody.$": "$.order_id"},
        **more,
    }


def _put_item(**more) -> dict:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Parameters": {
            "TableName": "orders",
            "Item": {"order_id": {"S.$": "$.order_id"}},
            "ConditionExpression": "attribute_not_exists(order_id)",
        },
        **more,
    }


def test_step_functions_sends_to_a_queue_without_code(world):
    queue = world.queue()
    machine = world.machine(start_at="Tell", Tell=_send(queue, End=True))

    _output(world, world.start(machine, order_id="17"))

    assert queue.bodies() == ["17"]


def test_step_functions_chooses_by_data(world):
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.amount", "NumericGreaterThan": 100, "Next": "Large"}],
        "Default": "Small",
    }
    machine = world.machine(
        start_at="Size",
        Size=choice,
        Large={"Type": "Pass", "Result": "large", "End": True},
        Small={"Type": "Pass", "Result": "small", "End": True},
    )

    assert _output(world, world.start(machine, amount=120)) == "large"
    assert _output(world, world.start(machine, amount=100)) == "small"


def test_step_functions_works_in_parallel(world):
    branches = [
        {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": name, "End": True}}}
        for name in ("kitchen", "payments")
    ]
    machine = world.machine(
        start_at="Both", Both={"Type": "Parallel", "Branches": branches, "End": True}
    )

    assert _output(world, world.start(machine)) == ["kitchen", "payments"]


def test_step_functions_maps_over_a_list(world):
    queue = world.queue()
    each = {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "Tell",
        "States": {"Tell": _send(queue, End=True)},
    }
    machine = world.machine(
        start_at="Each",
        Each={"Type": "Map", "ItemsPath": "$.orders", "ItemProcessor": each, "End": True},
    )

    _output(world, world.start(machine, orders=[{"order_id": "17"}, {"order_id": "18"}]))

    assert sorted(queue.bodies()) == ["17", "18"]


def test_step_functions_catches_an_error_and_compensates(world):
    dynamodb, queue = world.table(), world.queue("undo")
    dynamodb.put_item(TableName="orders", Item={"order_id": {"S": "17"}})
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Undo"}]
    machine = world.machine(
        start_at="Reserve",
        Reserve=_put_item(Catch=catch, End=True),
        Undo=_send(queue, Next="Failed"),
        Failed={"Type": "Fail", "Error": "OrderFailed", "Cause": "already reserved"},
    )

    execution = world.start(machine, order_id="17")
    ended = world.eventually(lambda: world.ended(execution))

    assert (ended["status"], ended["error"]) == ("FAILED", "OrderFailed")
    assert queue.bodies() == ["17"]


def test_step_functions_catches_the_exception_of_a_function_by_its_name(world):
    function = world.function(
        """
        class CardDeclined(Exception):
            pass

        def handler(event, context):
            raise CardDeclined("the card always declines")
        """
    )
    machine = world.machine(
        start_at="Charge",
        Charge={
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": function, "Payload.$": "$"},
            "Catch": [{"ErrorEquals": ["CardDeclined"], "Next": "Declined"}],
            "End": True,
        },
        Declined={"Type": "Pass", "Result": "declined", "End": True},
    )

    assert _output(world, world.start(machine, order_id="17")) == "declined"


def _retry(seconds: int, times: int) -> list[dict]:
    return [
        {
            "ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"],
            "IntervalSeconds": seconds,
            "BackoffRate": 2,
            "MaxAttempts": times,
        }
    ]


def _failing(world, retry: list[dict]) -> str:
    dynamodb = world.table()
    dynamodb.put_item(TableName="orders", Item={"order_id": {"S": "17"}})
    machine = world.machine(start_at="Reserve", Reserve=_put_item(Retry=retry, End=True))
    return world.start(machine, order_id="17")


def test_step_functions_retries_with_backoff(world):
    before = world.cloud.clock.now()
    execution = _failing(world, _retry(seconds=2, times=2))

    ended = world.within(14, lambda: world.ended(execution))

    assert ended["status"] == "FAILED"
    assert (world.cloud.clock.now() - before).total_seconds() >= 5.9, "2 s, then 4 s"


def test_step_functions_waits_longer_than_a_minute_before_a_retry(world):
    execution = _failing(world, _retry(seconds=90, times=1))

    world.let_pass(80)
    assert world.ended(execution) is None

    world.let_pass(15)
    assert world.eventually(lambda: world.ended(execution))["status"] == "FAILED"


def test_step_functions_waits(world):
    machine = world.machine(
        start_at="Bake", Bake={"Type": "Wait", "Seconds": 6, "Next": "Done"}, Done=DONE
    )
    execution = world.start(machine)
    world.let_pass(2)
    assert world.ended(execution) is None

    world.let_pass(5)

    assert world.eventually(lambda: world.ended(execution))["status"] == "SUCCEEDED"


def _waiting_for_token(world, queue) -> str:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {
            "QueueUrl": queue.url,
            "MessageBody": {"order.$": "$.order_id", "token.$": "$$.Task.Token"},
        },
        "TimeoutSeconds": 10,
        "End": True,
    }
    return world.start(world.machine(start_at="Ask", Ask=task), order_id="17")


def test_step_functions_goes_on_when_its_token_comes_back(world):
    queue = world.queue("payments")
    execution = _waiting_for_token(world, queue)
    request = json.loads(world.eventually(queue.bodies)[0])
    assert request["order"] == "17"
    assert world.ended(execution) is None

    world.client("stepfunctions").send_task_success(
        taskToken=request["token"], output='{"paid": true}'
    )

    assert _output(world, execution) == {"paid": True}


def test_step_functions_fails_a_task_whose_token_comes_back_as_failed(world):
    queue = world.queue("payments")
    execution = _waiting_for_token(world, queue)
    request = json.loads(world.eventually(queue.bodies)[0])

    world.client("stepfunctions").send_task_failure(
        taskToken=request["token"], error="CardDeclined", cause="the card always declines"
    )

    ended = world.eventually(lambda: world.ended(execution))
    assert (ended["status"], ended["error"]) == ("FAILED", "CardDeclined")


def test_step_functions_gives_up_on_a_token_that_never_comes_back(world):
    queue = world.queue("payments")
    execution = _waiting_for_token(world, queue)
    world.eventually(queue.bodies)

    world.let_pass(12)

    ended = world.eventually(lambda: world.ended(execution))
    assert ended["status"] in ("FAILED", "TIMED_OUT")
    assert ended["error"] == "States.Timeout"


def test_step_functions_starts_an_execution_name_once(world):
    machine = world.machine(start_at="Done", Done=DONE)
    start = world.client("stepfunctions").start_execution
    first = {"stateMachineArn": machine, "name": "order-17", "input": '{"order_id": "17"}'}
    execution = start(**first)["executionArn"]
    _output(world, execution)

    with pytest.raises(ClientError) as refused:
        start(**{**first, "input": '{"order_id": "18"}'})

    assert refused.value.response["Error"]["Code"] == "ExecutionAlreadyExists"


def test_step_functions_keeps_the_history_of_an_execution(world):
    queue = world.queue()
    machine = world.machine(start_at="Tell", Tell=_send(queue, End=True))
    execution = world.start(machine, order_id="17")
    _output(world, execution)

    events = world.client("stepfunctions").get_execution_history(executionArn=execution)["events"]

    kinds = [event["type"] for event in events]
    assert kinds[0] == "ExecutionStarted"
    assert kinds[-1] == "ExecutionSucceeded"
    assert {"TaskStateEntered", "TaskSucceeded", "TaskStateExited"} <= set(kinds)


def test_step_functions_express_answers_at_once(world):
    machine = world.machine(
        start_at="Cook", express=True, Cook={"Type": "Pass", "Result": "cooked", "End": True}
    )

    reply = world.client("stepfunctions").start_sync_execution(stateMachineArn=machine, input="{}")

    assert (reply["status"], json.loads(reply["output"])) == ("SUCCEEDED", "cooked")
