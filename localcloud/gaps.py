"""Behaviour of AWS that the course teaches and MiniStack lacks, filled in behind the same API calls.

* ``StartMessageMoveTask``, ``ListMessageMoveTasks``, ``CancelMessageMoveTask``: the redrive of a
  dead-letter queue, at most ``MaxNumberOfMessagesPerSecond`` a second
  (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html).
* Deleting a message with an outdated receipt handle succeeds and deletes nothing.
* A message cannot be delayed by more than 15 minutes
  (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html).
* A table's stream has the changes that PartiQL statements make, too
  (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html).
* The reasons of a cancelled PartiQL transaction have the short codes that those of any other have
  (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html).
* Switching a table's time to live on when it is on, or off when it is off, is refused
  (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html).
* S3 does not tell that an object is missing to somebody who may not list the bucket
  (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html).
* Putting an object with tags or an ACL needs a permission for these, too
  (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html).
* A lifecycle rule keeps a prefix of its own, as it was given before there were filters, and has an ID
  (https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html).
* A presigned S3 URL is refused once it has expired, also one signed with Signature Version 2
  (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html).
* Whoever has the URL of an API reaches it, whichever account it is in
  (https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html).
* A failed Lambda function tells the name of its exception, by which a state machine catches it
  (https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html).
"""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import math
import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

from ministack.core.concurrency import esm_wake
from ministack.core.responses import new_uuid, request_scope
from ministack.services import sqs

from localcloud import iam

# Without a rate AWS chooses one; 500 a second is the most that can be asked for.
_FASTEST = 500
_LONGEST_DELAY_S = 900


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


def accept_outdated_handles() -> None:
    """Let a delete with a receipt handle of an earlier receive succeed and delete nothing.

    "If you use an old receipt handle, the request succeeds, but the message might not be deleted"
    is how AWS has it; MiniStack calls the handle invalid. A handle that is none stays an error.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
    """
    delete, delete_batch = sqs._HANDLERS["DeleteMessage"], sqs._HANDLERS["DeleteMessageBatch"]

    def delete_message(data: dict, url: str) -> dict:
        try:
            return delete(data, url)
        except sqs._Err as error:
            if error.code == "ReceiptHandleIsInvalid" and _is_handle(data.get("ReceiptHandle")):
                return {}
            raise

    def delete_message_batch(data: dict, url: str) -> dict:
        reply = delete_batch(data, url)
        handles = {entry.get("Id"): entry.get("ReceiptHandle") for entry in data["Entries"]}
        outdated = [failed for failed in reply["Failed"] if _is_handle(handles[failed["Id"]])]
        reply["Successful"] += [{"Id": entry["Id"]} for entry in outdated]
        reply["Failed"] = [failed for failed in reply["Failed"] if failed not in outdated]
        return reply

    sqs._HANDLERS.update(DeleteMessage=delete_message, DeleteMessageBatch=delete_message_batch)


def refuse_long_delays() -> None:
    """Refuse a message that is to be hidden for more than 15 minutes, which MiniStack would hide.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    """
    send = sqs._act_send_message

    def send_message(data: dict, url: str) -> dict:
        delay = int(data.get("DelaySeconds") or 0)
        if not 0 <= delay <= _LONGEST_DELAY_S:
            raise sqs._Err(
                "InvalidParameterValue",
                f"Value {delay} for parameter DelaySeconds is invalid. "
                f"Reason: DelaySeconds must be >= 0 and <= {_LONGEST_DELAY_S}.",
            )
        return send(data, url)

    sqs._act_send_message = sqs._HANDLERS["SendMessage"] = send_message


def _is_handle(text: object) -> bool:
    """Whether a text looks like a receipt handle that MiniStack gave out."""
    try:
        return str(uuid.UUID(str(text))) == text
    except ValueError:
        return False


def hides_what_is_missing(key: str, bucket: str, answer: bytes) -> bool:
    """Whether S3 says Access Denied instead of Not Found: to all who may not list the bucket."""
    code = re.search(rb"<Code>(\w+)</Code>", answer)  # a HEAD request's answer has none
    if code and code[1] != b"NoSuchKey":
        return False
    return iam.denied(key, "s3:ListBucket", f"arn:aws:s3:::{bucket}")


def puts_more_than_allowed(key: str, path: str, headers: dict[str, str]) -> bool:
    """Whether an object is put with tags or an ACL by somebody who may not: MiniStack asks for the
    permission to put it alone."""
    bucket, _, name = path.lstrip("/").partition("/")
    actions = {
        "s3:PutObjectTagging" if header == "x-amz-tagging" else "s3:PutObjectAcl"
        for header in headers
        if header in ("x-amz-tagging", "x-amz-acl") or header.startswith("x-amz-grant-")
    }
    arn = f"arn:aws:s3:::{bucket}/{name}"
    return bool(name) and any(iam.denied(key, action, arn) for action in actions)


def adapt_dynamodb(module: Any) -> None:
    """Let DynamoDB do what it does on AWS and not in MiniStack."""
    refuse_time_to_live_twice(module)
    stream_statements(module)
    shorten_reasons(module)


def shorten_reasons(module: Any) -> None:
    """Let PartiQL's transactions be cancelled for a DuplicateItem; MiniStack says DuplicateItemException."""
    execute = module._execute_transaction

    def execute_transaction(data: dict) -> Any:
        status, headers, body = execute(data)
        error = json.loads(body) if status == 400 else {}
        for reason in error.get("CancellationReasons", []):
            short = reason["Code"].replace("ValidationException", "ValidationError")
            short = short.removesuffix("Exception")
            error["message"] = error["message"].replace(reason["Code"], short)
            reason["Code"] = short
            body = json.dumps(error).encode()
        return status, headers, body

    module._execute_transaction = execute_transaction


def stream_statements(module: Any) -> None:
    """Put what PartiQL changes into the table's stream, which MiniStack leaves it out of."""

    def telling(change: Callable[..., Any]) -> Callable[..., Any]:
        def changed(table: dict, parsed: dict, *more: Any) -> Any:
            before = copy.deepcopy(table["items"])
            answer = change(table, parsed, *more)
            for first in {*before, *table["items"]}:
                old, new = before.get(first, {}), table["items"].get(first, {})
                for second in {*old, *new}:
                    was, now = old.get(second), new.get(second)
                    if was != now:
                        kind = "INSERT" if was is None else "REMOVE" if now is None else "MODIFY"
                        module._emit_stream_event(parsed["table"], kind, was, now)
            return answer

        return changed

    for name in ("_partiql_insert", "_partiql_update", "_partiql_delete"):
        setattr(module, name, telling(getattr(module, name)))


def refuse_time_to_live_twice(module: Any) -> None:
    """Let DynamoDB refuse a time to live that is set already, as AWS does; MiniStack sets it again."""
    update = module._update_ttl

    def update_ttl(data: dict) -> Any:
        name, wanted = data.get("TableName"), data.get("TimeToLiveSpecification", {})
        if name not in module._tables:
            return update(data)
        found = module._ttl_settings.get(name, {})
        enabled = found.get("TimeToLiveStatus") == "ENABLED"
        if enabled and wanted.get("AttributeName") not in ("", None, found["AttributeName"]):
            message = (
                "TimeToLive is active on a different AttributeName: current AttributeName is "
                f"{found['AttributeName']}"
            )
        elif enabled == bool(wanted.get("Enabled")):
            message = f"TimeToLive is already {'enabled' if enabled else 'disabled'}"
        else:
            return update(data)
        return module.error_response_json("ValidationException", message, 400)

    module._update_ttl = update_ttl


def expired_presigned_url(query: str, now: float) -> bool:
    """Whether a query string carries a presigned S3 signature whose time is over."""
    params = {k: v[0] for k, v in parse_qs(query).items()}
    try:
        if "X-Amz-Expires" in params:
            signed = datetime.strptime(params["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
            return now > signed.timestamp() + int(params["X-Amz-Expires"])
        if "Signature" in params and "AWSAccessKeyId" in params:
            return now > int(params["Expires"])
    except (KeyError, ValueError):
        return False  # malformed: the engine says so
    return False


def reach_every_api(module: Any) -> None:
    """Let requests without credentials, as a browser sends them, find an API whatever its account."""
    apis = module._rest_apis if hasattr(module, "_rest_apis") else module._apis

    def find_api_scope(api_id: str) -> tuple[str, str] | None:
        found = (key[:2] for key, _ in apis.all_items() if key[2] == api_id)
        return next(found, None)

    module.find_api_scope = find_api_scope


def adapt_s3(module: Any) -> None:
    """Let S3 do what it does on AWS and not in MiniStack."""
    accept_session_tokens(module)
    keep_lifecycle_rules(module)
    refuse_lifecycle_rules(module)


def keep_lifecycle_rules(module: Any) -> None:
    """Keep the prefix of a rule without a filter, which MiniStack would apply to all; give each an ID."""
    put, get = module._put_bucket_lifecycle, module._get_bucket_lifecycle

    def put_bucket_lifecycle(bucket: str, body: bytes) -> Any:
        answer = put(bucket, body)
        rules = module._bucket_lifecycle.get(bucket)
        if answer[0] == 200 and isinstance(rules, list):
            sent = ElementTree.fromstring(body).findall("{*}Rule")
            for rule, element in zip(rules, sent, strict=False):
                rule.setdefault("ID", new_uuid())
                if (prefix := element.find("{*}Prefix")) is not None:
                    rule["Prefix"] = prefix.text or ""
                    rule["Filter"] = {"Prefix": rule["Prefix"]}  # MiniStack's, who deletes by it
        return answer

    def get_bucket_lifecycle(bucket: str) -> Any:
        status, headers, body = get(bucket)
        if status == 200:
            rules = iter(module._bucket_lifecycle[bucket])
            filters = re.compile(rb"<Filter>(.*?)</Filter>")
            body = filters.sub(lambda found: found["Prefix" in next(rules)], body)
        return status, headers, body

    module._put_bucket_lifecycle = put_bucket_lifecycle
    module._get_bucket_lifecycle = get_bucket_lifecycle


def refuse_lifecycle_rules(module: Any) -> None:
    """Refuse two rules of one ID, and one whose expiration has both days and ExpiredObjectDeleteMarker."""
    wrong = module._lifecycle_rules_error

    def lifecycle_rules_error(rules: list) -> Any:
        ids = [rule["ID"] for rule in rules if "ID" in rule]
        if len(set(ids)) < len(ids):
            message = "Rule ID must be unique. Found same ID for more than one rule"
            return module._error("InvalidArgument", message, 400)
        if any(
            {"Days", "ExpiredObjectDeleteMarker"} <= set(r.get("Expiration", {})) for r in rules
        ):
            return module._error("MalformedXML", module._MALFORMED_XML, 400)
        return wrong(rules)

    module._lifecycle_rules_error = lifecycle_rules_error


def accept_session_tokens(module: Any) -> None:
    """Let S3 take URLs that were signed by somebody with one of our session tokens."""
    resolve = module.resolve_credential

    def resolve_credential(key: str, account: str, token: str = "") -> Any:
        return resolve(key, account, "" if key == account else token)

    module.resolve_credential = resolve_credential


def tell_exceptions(module: Any) -> None:
    """Let the error that a Lambda function ends with say which exception it was."""
    execute = module._execute_function_warm

    def execute_function_warm(*arguments: Any) -> dict[str, Any]:
        result = execute(*arguments)
        if result.get("error") and result["body"].get("errorType") == "Runtime.HandlerError":
            message = result["body"]["errorMessage"].partition("\n")[0]
            trace = re.compile(
                rf"^(?:[\w.]+\.)?(\w+){': ' if message else ''}{re.escape(message)}$", re.M
            )
            names = trace.findall(result.get("log", ""))
            result["body"]["errorType"] = names[-1] if names else "Runtime.HandlerError"
        return dict(result)

    module._execute_function_warm = execute_function_warm


def wait_seconds(account: str, region: str, params: dict) -> float:
    """How long a ReceiveMessage would wait for a message: its own setting, else the queue's."""
    asked = params.get("WaitTimeSeconds")
    if asked is not None:
        return float(asked)
    with request_scope(account, region):
        try:
            queue = sqs._get_q(params.get("QueueUrl", ""))
        except sqs._Err:
            return 0.0  # the engine says so
        return float(queue["attributes"].get("ReceiveMessageWaitTimeSeconds", "0"))
