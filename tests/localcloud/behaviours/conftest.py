"""A world on the engine under test, and the few things every behaviour's test does with it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import localcloud

_NO_WAITING_FOR_A_BROKEN_ENGINE = Config(
    retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60
)


# How LocalStack says that what it would have to download or install first is not there.
_CANNOT_START = ("InternalError", "InternalFailure", "502")
_MISSING: set[tuple[str, str]] = set()


@dataclass
class Queue:
    """An SQS queue and what one does with it."""

    sqs: Any
    url: str
    arn: str

    def send(self, body: str = "order 17", **more: Any) -> dict:
        return self.sqs.send_message(QueueUrl=self.url, MessageBody=body, **more)

    def receive(self, at_most: int = 1, **more: Any) -> list[dict]:
        more = {"WaitTimeSeconds": 0, **more}
        reply = self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=at_most, AttributeNames=["All"], **more
        )
        return reply.get("Messages", [])

    def bodies(self, at_most: int = 10, **more: Any) -> list[str]:
        """Receive and delete what there is; return the bodies."""
        found = []
        for message in self.receive(at_most, **more):
            self.delete(message)
            found.append(message["Body"])
        return found

    def delete(self, message: dict) -> None:
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    def attribute(self, name: str) -> str:
        reply = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])
        return reply["Attributes"][name]

    def waiting(self) -> int:
        return int(self.attribute("ApproximateNumberOfMessages"))

    def in_flight(self) -> int:
        return int(self.attribute("ApproximateNumberOfMessagesNotVisible"))


class World:
    """An account on the engine under test."""

    def __init__(self, cloud: localcloud.Cloud, patience: float, package: Callable[[str], bytes]):
        self.cloud = cloud
        self._package = package
        self.patience = patience
        self.account = cloud.account()
        self.role = f"arn:aws:iam::{self.account.id}:role/anyone"
        self._clients: dict[str, Any] = {}

    @property
    def embedded(self) -> bool:
        return self.cloud.engine == "embedded"

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.account.client(
                service, config=_NO_WAITING_FOR_A_BROKEN_ENGINE
            )
        return self._clients[service]

    # --- time ---

    def let_pass(self, seconds: float) -> None:
        """Let emulated time pass; where it would have to be waited for, the test ends as untested."""
        try:
            self.cloud.clock.advance(seconds)
        except localcloud.EngineError as error:
            assert "no clock to move" in str(error)
            pytest.skip(f"takes {describe(seconds)}")

    def eventually(self, read: Callable[[], Any], enough: Callable[[Any], bool] = bool) -> Any:
        """Return what `read` returns as soon as it is enough: for what engines do in the background."""
        deadline = time.monotonic() + self.patience
        while not enough(result := read()):
            if time.monotonic() > deadline:
                pytest.fail(f"not so within {self.patience:g} s")
            time.sleep(0.02 if self.embedded else 0.2)
        return result

    def within(self, seconds: int, found: Callable[[], Any], step: int = 1) -> Any:
        """Return what `found` returns as soon as it is true; fail after `seconds` of engine time."""
        for _ in range(0, seconds, step):
            if result := found():
                return result
            self.let_pass(step)
        if not (result := found()):
            pytest.fail(f"not so within {seconds} s of the engine's time")
        return result

    # --- resources ---

    def queue(self, name: str = "orders", **attributes: str) -> Queue:
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        reply = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return Queue(sqs, url, reply["Attributes"]["QueueArn"])

    def fifo(self, name: str = "orders", **attributes: str) -> Queue:
        return self.queue(f"{name}.fifo", FifoQueue="true", **attributes)

    def queue_with_dead_letters(self, receives: int, **attributes: str) -> tuple[Queue, Queue]:
        dead = self.queue("orders-dlq")
        policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": receives})
        return self.queue(RedrivePolicy=policy, **attributes), dead

    def table(self, name: str = "orders", **more: Any) -> Any:
        """Create a table with the key ``order_id`` and return a client bound to nothing."""
        dynamodb = self.client("dynamodb")
        with self.needing("a download"):
            dynamodb.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "order_id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                **more,
            )
        dynamodb.get_waiter("table_exists").wait(
            TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
        )
        return dynamodb

    def function(self, source: str, name: str = "kitchen", **more: Any) -> str:
        """Create a Lambda function from the source of its module and return its ARN."""
        functions = self.client("lambda")
        docker = "needs Docker"
        self._give_up_if_known(docker)
        created = functions.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=self.role,
            Handler="index.handler",
            Code={"ZipFile": self._package(source)},
            **more,
        )
        state = self.eventually(
            lambda: functions.get_function(FunctionName=name)["Configuration"]["State"],
            lambda state: state != "Pending",
        )
        if state == "Failed" and not self.embedded:
            self._give_up(docker)
        assert state == "Active"
        return created["FunctionArn"]

    def machine(self, *, start_at: str, express: bool = False, **states: dict) -> str:
        return self.client("stepfunctions").create_state_machine(
            name="order",
            definition=json.dumps({"StartAt": start_at, "States": states}),
            roleArn=self.role,
            type="EXPRESS" if express else "STANDARD",
        )["stateMachineArn"]

    def start(self, machine: str, **data: Any) -> str:
        """Start an execution and return its ARN."""
        return self.client("stepfunctions").start_execution(
            stateMachineArn=machine, input=json.dumps(data)
        )["executionArn"]

    def ended(self, execution: str) -> dict | None:
        """Return what became of an execution, None while it runs."""
        found = self.client("stepfunctions").describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    def plain_client(self, service: str, **settings: Any) -> Any:
        """Return a client that localcloud had no hand in."""
        settings = {
            "endpoint_url": self.cloud.endpoint_url,
            "region_name": "us-east-1",
            "aws_access_key_id": self.account.id,
            "aws_secret_access_key": "test",
            **settings,
        }
        return boto3.client(service, **settings)

    @contextmanager
    def needing(self, what: str) -> Iterator[None]:
        """End the test as untested when the engine cannot even start a service that it has."""
        self._give_up_if_known(f"needs {what}")
        try:
            yield
        except ClientError as error:
            if self.embedded or error.response["Error"]["Code"] not in _CANNOT_START:
                raise
            self._give_up(f"needs {what}")

    def _give_up(self, reason: str) -> None:
        _MISSING.add((self.cloud.endpoint_url, reason))
        pytest.skip(reason)

    def _give_up_if_known(self, reason: str) -> None:
        if (self.cloud.endpoint_url, reason) in _MISSING:
            pytest.skip(reason)


def describe(seconds: float) -> str:
    """Say how long something takes: ``5 minutes``."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = round(seconds / size)
            return f"{count} {unit}{'s' * (count > 1)}"
    return f"{seconds:g} seconds"


def _world(request: pytest.FixtureRequest, cloud: localcloud.Cloud) -> World:
    known_to_fail = request.node.get_closest_marker("xfail")
    patience = 1 if known_to_fail else 30
    return World(cloud, patience, request.getfixturevalue("lambda_package"))


@pytest.fixture
def world(request: pytest.FixtureRequest, cloud: localcloud.Cloud) -> World:
    return _world(request, cloud)


@pytest.fixture
def world_in_step(request: pytest.FixtureRequest, cloud: localcloud.Cloud) -> Iterator[World]:
    """A world whose clock shows the same time as this computer's, by which clients sign their URLs."""
    if cloud.engine != "embedded":
        yield _world(request, cloud)
    else:
        with localcloud.start() as fresh:
            yield _world(request, fresh)
