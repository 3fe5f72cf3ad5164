"""The redrive of a dead-letter queue, which MiniStack lacks, behind the API calls that AWS has for it.

``StartMessageMoveTask``, ``ListMessageMoveTasks``, ``CancelMessageMoveTask``: at most
``MaxNumberOfMessagesPerSecond`` a second
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html).
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from ministack.core.concurrency import esm_wake
from ministack.core.responses import new_uuid, request_scope
from ministack.services import sqs

# Without a rate AWS chooses one; 500 a second is the most that can be asked for.
_FASTEST = 500


class SqsError(Exception):
    """An error reply of SQS: code, message and HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400):
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass
class MoveTask:
    """One redrive, moving messages as emulated time passes."""

    account: str
    region: str
    source: str
    destination: str | None
    rate: int | None
    started: float = field(default_factory=time.time)
    moved: int = 0
    to_move: int = 0
    status: str = "RUNNING"
    failure: str = ""
    id: str = field(default_factory=new_uuid)

    @property
    def handle(self) -> str:
        return base64.b64encode(json.dumps([self.id, self.source]).encode()).decode()

    def settle(self) -> None:
        """Move what is due by now: one message at once, then one every 1/rate seconds."""
        if self.status != "RUNNING":
            return
        due = 1 + math.floor((time.time() - self.started) * (self.rate or _FASTEST))
        with request_scope(self.account, self.region):
            while self.moved < min(due, self.to_move):
                if not self._move_one():
                    break
            if self.moved >= self.to_move:
                self.status = "COMPLETED"

    def _move_one(self) -> bool:
        source = sqs._queue_by_arn(self.source)
        message = next(_visible(source), None) if source else None
        if message is None:
            self.to_move = self.moved  # somebody else took the rest
            return False
        origin = self.destination or message["sys"].get("DeadLetterQueueSourceArn")
        destination = sqs._queue_by_arn(origin) if origin else None
        if destination is None:
            self.status = "FAILED"
            self.failure = (
                "AWS.SimpleQueueService.NonExistentQueue"
                if origin
                else "CouldNotDetermineMessageSource"
            )
            return False
        # "Redriven messages are considered new messages with a new messageID and enqueueTime."
        sqs._act_send_message(
            {
                "QueueUrl": destination["url"],
                "MessageBody": message["body"],
                "MessageAttributes": message["message_attributes"],
                **({"MessageGroupId": message["group_id"]} if message.get("group_id") else {}),
                **({"MessageDeduplicationId": new_uuid()} if destination["is_fifo"] else {}),
            },
            destination["url"],
        )
        # It arrived when it was due, however late this is being worked out.
        arrived = self.started + self.moved / (self.rate or _FASTEST)
        new = destination["messages"][-1]
        new["visible_at"] -= new["sent_at"] - arrived
        new["sent_at"] = arrived
        new["sys"]["SentTimestamp"] = str(math.ceil(arrived * 1000))
        source["messages"].remove(message)
        self.moved += 1
        return True


class MoveTasks:
    """All redrives of this engine."""

    def __init__(self) -> None:
        self._tasks: list[MoveTask] = []

    def settle(self) -> None:
        """Do the moves that are due. Called before each SQS call and after each move of the clock."""
        for task in self._tasks:
            task.settle()
        if any(task.status == "RUNNING" for task in self._tasks):
            esm_wake.set()

    async def run(self) -> None:
        """Keep settling in the background, for consumers that make no call of their own."""
        while True:
            self.settle()
            await asyncio.sleep(0.1)

    def answer(self, operation: str, params: dict, account: str, region: str) -> dict:
        """Answer one of the three API calls; raises SqsError."""
        with request_scope(account, region):
            return getattr(self, f"_{operation}")(params, account, region)

    def _StartMessageMoveTask(self, params: dict, account: str, region: str) -> dict:
        source_arn = params.get("SourceArn") or ""
        source = _queue(source_arn, "source")
        if not any(_dead_letters_to(queue, source_arn) for queue in sqs._queues.values()):
            raise SqsError(
                "InvalidParameterValue",
                "Source queue must be configured as a Dead Letter Queue.",
            )
        destination = params.get("DestinationArn")
        if destination:
            _queue(destination, "destination")
        rate = params.get("MaxNumberOfMessagesPerSecond")
        if rate is not None and not 1 <= int(rate) <= _FASTEST:
            raise SqsError(
                "InvalidParameterValue",
                f"Value {rate} for parameter MaxNumberOfMessagesPerSecond is invalid. "
                f"Reason: Must be between 1 and {_FASTEST}, if provided.",
            )
        if any(t.source == source_arn and t.status == "RUNNING" for t in self._tasks):
            raise SqsError(
                "InvalidParameterValue",
                "There is already a task running. Only one active task is allowed for a source queue "
                "arn at a given time.",
            )
        task = MoveTask(account, region, source_arn, destination, int(rate) if rate else None)
        task.to_move = sum(1 for _ in _visible(source))
        self._tasks.append(task)
        task.settle()
        return {"TaskHandle": task.handle}

    def _ListMessageMoveTasks(self, params: dict, account: str, region: str) -> dict:
        source_arn = params.get("SourceArn") or ""
        _queue(source_arn, "source")
        found = [
            t for t in reversed(self._tasks) if t.source == source_arn and t.account == account
        ]
        return {"Results": [_entry(t) for t in found[: int(params.get("MaxResults") or 1)]]}

    def _CancelMessageMoveTask(self, params: dict, account: str, region: str) -> dict:
        for task in self._tasks:
            if task.handle == params.get("TaskHandle") and task.account == account:
                if task.status != "RUNNING":
                    raise SqsError(
                        "UnsupportedOperation", "Only active tasks with a handle can be cancelled."
                    )
                task.status = "CANCELLED"
                return {"ApproximateNumberOfMessagesMoved": task.moved}
        if not _is_task_handle(params.get("TaskHandle") or ""):
            raise SqsError("InvalidParameterValue", "Value for parameter TaskHandle is invalid.")
        raise SqsError("ResourceNotFoundException", "Task does not exist.", 404)


def _entry(task: MoveTask) -> dict:
    entry = {
        "Status": task.status,
        "SourceArn": task.source,
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "StartedTimestamp": int(task.started * 1000),
    }
    if task.destination:
        entry["DestinationArn"] = task.destination
    if task.rate:
        entry["MaxNumberOfMessagesPerSecond"] = task.rate
    if task.status == "RUNNING":
        entry["TaskHandle"] = task.handle
    if task.status == "FAILED":
        entry["FailureReason"] = task.failure
    return entry


def _queue(arn: str, role: str) -> dict:
    queue = sqs._queue_by_arn(arn)
    if queue is None:
        raise SqsError(
            "ResourceNotFoundException",
            f"The resource that you specified for the {'Source' if role == 'source' else 'Destination'}Arn"
            " parameter doesn't exist.",
            404,
        )
    return queue


def _is_task_handle(text: str) -> bool:
    try:
        return isinstance(json.loads(base64.b64decode(text, validate=True)), list)
    except ValueError:
        return False


def _visible(queue: dict) -> Iterator[dict]:
    """Messages that can be received now: one in flight is not moved."""
    now = time.time()
    for message in queue["messages"]:
        sqs._ensure_msg_fields(message)
        if message["visible_at"] <= now:
            yield message


def _dead_letters_to(queue: dict, arn: str) -> bool:
    policy = queue["attributes"].get("RedrivePolicy")
    return bool(policy) and json.loads(policy).get("deadLetterTargetArn") == arn
