"""What one AWS request was: service, operation, resource, outcome and a few words about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qs

from ministack.core.router import detect_service

from localcloud.rest import rest_operation


@dataclass(frozen=True)
class Call:
    """One AWS call, as it met the engine."""

    number: int
    """1, 2, 3 … within the account."""
    time: datetime
    """Emulated time of arrival, UTC."""
    caller: str
    service: str
    """boto3's name of the service: ``sqs``, ``dynamodb``, ``events`` …"""
    operation: str
    resource: str
    """Name of the queue, table, bucket, topic, function …"""
    outcome: str
    """``ok``, an AWS error code, ``killed before``, ``killed after``, ``connection cut``, ``reply lost``, or
    ``stale``: the answer to an eventually consistent read lacked the latest change."""
    summary: str
    """What it was about: ``order 17``."""
    messages: tuple[str, ...] = ()
    """Ids of the SQS messages it sent, received, deleted or changed."""
    entries: int = 0
    """How many entries a batch had, of those operations that may take some and refuse others."""
    eventual: bool = False
    """Whether it read from DynamoDB what may be out of date: without ``ConsistentRead``."""
    passed: float = 0.0
    """Emulated seconds that somebody had let pass by then: what the calls themselves took is not in it."""

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "time": self.time.timestamp()}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Call:
        time = datetime.fromtimestamp(record["time"], tz=timezone.utc)
        return cls(**{**record, "time": time, "messages": tuple(record["messages"])})


# Where a request names its resource, tried in this order; the last part of a URL or ARN is the name.
_RESOURCE_KEYS = {
    "sqs": ("QueueUrl", "QueueName", "SourceArn"),
    "dynamodb": ("TableName",),
    "sns": ("TopicArn", "TargetArn", "Name"),
    "events": ("EventBusName", "Rule", "Name"),
    "kinesis": ("StreamName", "StreamARN"),
    "kms": ("KeyId",),
    "stepfunctions": ("stateMachineArn", "executionArn", "name"),
    "lambda": ("FunctionName",),
    "cloudformation": ("StackName",),
}
# Where a path names its resource.
_RESOURCE_PATHS = {
    "lambda": r"/functions/([^/]+)",
    "scheduler": r"/schedules/([^/]+)",
}
_LONGEST_NAME = 80  # characters of an id; of a longer one the beginning is told
_EVENTUAL = ("GetItem", "BatchGetItem", "Query", "Scan")
_STATEMENTS = ("ExecuteStatement", "BatchExecuteStatement")  # SELECT is a read like the others
# MiniStack's names of services where they differ from boto3's.
_BOTO3_NAMES = {"states": "stepfunctions", "monitoring": "cloudwatch"}


@dataclass
class Request:
    """An AWS request taken apart."""

    service: str
    operation: str
    params: dict[str, Any]
    bucket: str = ""
    key: str = ""
    path: str = ""

    @classmethod
    def parse(
        cls, method: str, path: str, headers: dict[str, str], query: str, body: bytes
    ) -> Request:
        params: dict[str, Any] = {
            k: v[0] for k, v in parse_qs(query, keep_blank_values=True).items()
        }
        content_type = headers.get("content-type", "")
        if "json" in content_type and body:
            parsed = _parsed(body)
            params |= parsed if isinstance(parsed, dict) else {}
        elif "x-www-form-urlencoded" in content_type:
            form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
            params |= {k: v[0] for k, v in form.items()}
        query_lists = parse_qs(query, keep_blank_values=True)
        service = detect_service(method, path, headers, query_lists)
        service = _BOTO3_NAMES.get(service, service)
        rpc = re.match(r"/service/[^/]+/operation/(\w+)$", path)  # Smithy RPC v2
        if rpc:
            operation = rpc.group(1)
        elif "x-amz-target" in headers:
            operation = headers["x-amz-target"].rpartition(".")[2]
        elif "Action" in params:
            operation = params["Action"]
        else:
            service, operation = rest_operation(service, method, path, {*query_lists, *headers})
        if operation == "Invoke":
            params["Payload"] = body.decode("utf-8", "replace")
        request = cls(service, operation, params, path=path)
        if service == "s3":
            request.bucket, _, request.key = path.lstrip("/").partition("/")
        return request

    @property
    def eventual(self) -> bool:
        """Whether this reads items of DynamoDB that may be out of date."""
        if self.service != "dynamodb" or self.operation not in (*_EVENTUAL, *_STATEMENTS):
            return False
        if self.operation in _STATEMENTS:
            statements = _dicts(self.params, "Statements") or [self.params]
            return all(
                str(each.get("Statement", "")).lstrip()[:6].upper() == "SELECT"
                and each.get("ConsistentRead") is not True
                for each in statements
            )
        requested = self.params.get("RequestItems")
        parts = list(requested.values()) if isinstance(requested, dict) else [self.params]
        return not any(isinstance(p, dict) and p.get("ConsistentRead") is True for p in parts)

    @property
    def resource(self) -> str:
        if self.service == "s3":
            return self.bucket
        in_path = re.search(_RESOURCE_PATHS.get(self.service, "$^"), self.path)
        if in_path:
            return _last(in_path.group(1))
        if self.service == "dynamodb" and "TableName" not in self.params:
            return ", ".join(sorted(set(self._tables())))
        if self.operation == "PutEvents":
            buses = {
                _last(e.get("EventBusName", "default")) for e in _dicts(self.params, "Entries")
            }
            return ", ".join(sorted(buses))
        if self.service == "dynamodbstreams":
            return "stream"  # GetRecords does not say which table's
        for key in _RESOURCE_KEYS.get(self.service, ()):
            if isinstance(self.params.get(key), str):
                return _last(self.params[key])
        return ""

    def _tables(self) -> Iterator[str]:
        """Tables of a batch, a transaction or a PartiQL statement."""
        for part in (
            *_dicts(self.params, "TransactStatements"),
            *_dicts(self.params, "Statements"),
            self.params,
        ):
            if isinstance(part.get("Statement"), str):
                yield from re.findall(
                    r'(?i)\b(?:FROM|INTO|UPDATE)\s+"?([\w.-]+)', part["Statement"]
                )
        items = self.params.get("RequestItems")
        if isinstance(items, dict):
            yield from items
        for action in _dicts(self.params, "TransactItems"):
            for part in action.values():
                if isinstance(part, dict) and isinstance(part.get("TableName"), str):
                    yield part["TableName"]

    def summary(self) -> str:
        """A few words about the request; "" where there is nothing to say."""
        if self.service == "s3":
            # Ids and checksums say nothing to a reader, and are others in each run.
            return re.sub(r"[\w-]{20,}", "…", self.key)
        if self.service == "dynamodb":
            return ", ".join(filter(None, (item_label(i) for i in self._items())))
        if self.service == "sns":
            texts = [v for k, v in self.params.items() if re.search(r"^Message$|\d\.Message$", k)]
            return shorten([label(text) for text in texts])
        if self.operation == "PutEvents":
            entries = _dicts(self.params, "Entries")
            return ", ".join(f"{e.get('DetailType', '')} {label(e.get('Detail'))}" for e in entries)
        if self.operation == "Invoke":
            return _invocation(self.params["Payload"])
        if self.service == "sqs":
            bodies = [e.get("MessageBody") for e in (self.params, *_dicts(self.params, "Entries"))]
            return shorten([label(body) for body in bodies if body is not None])
        return ""

    def _items(self) -> Iterator[dict[str, Any]]:
        for action in (self.params, *_dicts(self.params, "TransactItems")):
            for part in (action, *action.values()):
                if isinstance(part, dict):
                    yield from (part[k] for k in ("Item", "Key") if isinstance(part.get(k), dict))
        requests = self.params.get("RequestItems")
        for writes in requests.values() if isinstance(requests, dict) else ():
            for write in writes if isinstance(writes, list) else ():
                for part in write.values() if isinstance(write, dict) else ():
                    if isinstance(part, dict):
                        yield part.get("Item") or part.get("Key") or {}


@dataclass
class MessageBook:
    """Remembers which SQS message a receipt handle stands for, for one account."""

    labels: dict[str, str] = field(default_factory=dict)
    handles: dict[str, str] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)
    """Each message's handle of its last receive: the only one that is sure to delete it."""

    def read(self, request: Request, reply: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
        """Return (summary, message ids) of an SQS call, learning from its reply."""
        if request.operation in ("SendMessage", "SendMessageBatch"):
            return request.summary(), self._sent(request, reply)
        if request.operation == "ReceiveMessage":
            messages = _dicts(reply, "Messages")
            for message in messages:
                self.handles[message["ReceiptHandle"]] = message["MessageId"]
                self.latest[message["MessageId"]] = message["ReceiptHandle"]
                self.labels[message["MessageId"]] = label(message["Body"])
            ids = tuple(message["MessageId"] for message in messages)
            return self._names(ids) if ids else "empty", ids
        entries = (request.params, *_dicts(request.params, "Entries"))
        handles = [e["ReceiptHandle"] for e in entries if isinstance(e.get("ReceiptHandle"), str)]
        known = {handle: self.handles[handle] for handle in handles if handle in self.handles}
        ids = tuple(message for handle, message in known.items() if self.latest[message] == handle)
        if ids or not known:
            return self._names(ids), ids
        return f"{self._names(tuple(known.values()))}, outdated handle", ()

    def _sent(self, request: Request, reply: dict[str, Any]) -> tuple[str, ...]:
        sent = {e.get("Id"): e.get("MessageBody") for e in _dicts(request.params, "Entries")}
        found = {e["MessageId"]: sent.get(e.get("Id")) for e in _dicts(reply, "Successful")}
        if "MessageId" in reply:
            found[reply["MessageId"]] = request.params.get("MessageBody")
        self.labels |= {message: label(body) for message, body in found.items()}
        return tuple(found)

    def _names(self, ids: tuple[str, ...]) -> str:
        return shorten([self.labels.get(i, "a message") for i in ids])


def error_code(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """Return the AWS error code of a reply, or what a Lambda function raised; None for a success."""
    if status < 400:
        return _raised(body) if "x-amz-function-error" in headers else None
    # SQS keeps the codes of its older protocol, which boto3 shows, in a header of its own.
    for header in ("x-amzn-query-error", "x-amzn-errortype"):
        if headers.get(header):
            return re.split(r"[;:]", headers[header])[0].rpartition("#")[2]
    try:
        code = _parsed(body).get("__type", "")
    except AttributeError:
        found = re.search(rb"<Code>([^<]+)</Code>", body)
        code = found.group(1).decode() if found else ""
    return code.rpartition("#")[2] or str(status)


def _raised(body: bytes) -> str:
    """The type of the error that a Lambda function ended in."""
    try:
        return str(_parsed(body)["errorType"])
    except (TypeError, KeyError):
        return "Unhandled"


def _parsed(text: str | bytes) -> Any:
    """What a JSON text says; None where it is none, or is nested too deeply to be read."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def label(content: object) -> str:
    """Name what a message carries: ``order 17`` where its JSON has an id, else its first characters."""
    if isinstance(content, str):
        parsed = _parsed(content)
        if not isinstance(parsed, dict):
            return _quote(content)
        content = parsed
    if not isinstance(content, dict):
        return ""
    fields: dict[str, Any] = content
    if "specversion" in fields and isinstance(fields.get("data"), dict):  # a CloudEvents envelope
        fields = fields["data"]
    for key, value in fields.items():
        if (
            isinstance(value, (str, int))
            and not isinstance(value, bool)
            and (key in ("id", "pk") or re.search(r"(_id|[a-z]Id)$", key))
        ):
            noun = re.sub(r"(_id|Id|^id|^pk)$", "", key).replace("_", " ")
            named = str(value)
            return f"{noun} {named if len(named) <= _LONGEST_NAME else f'{named[:40]}…'}".strip()
    return _quote(json.dumps(content, ensure_ascii=False))


def _invocation(payload: str) -> str:
    """Name what a function is asked: ``charge order 17`` where its event has an action and an id."""
    event = _parsed(payload or "{}")
    if event is None:
        return ""
    action = event.get("action") if isinstance(event, dict) else None
    return f"{action} {label(event)}" if isinstance(action, str) else label(event)


def _quote(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text[:24]}…”" if len(text) > 25 else f"“{text}”"


def item_label(item: Mapping[str, Any]) -> str:
    """Name a DynamoDB item or key given in DynamoDB's own JSON, ``{"order_id": {"S": "17"}}``."""
    plain = {
        name: next(iter(value.values())) if isinstance(value, dict) and value else value
        for name, value in item.items()
    }
    named = label(plain) if plain else ""
    return named if not named.startswith("“") else ", ".join(str(v) for v in plain.values())[:40]


def shorten(labels: list[str]) -> str:
    """Join labels, naming at most four."""
    return ", ".join(labels) if len(labels) <= 4 else f"{labels[0]} … {labels[-1]} ({len(labels)})"


def _last(name: str) -> str:
    return re.split(r"[/:]", name)[-1]


def _dicts(params: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    value = params.get(key)
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []
