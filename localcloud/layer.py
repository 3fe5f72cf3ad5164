"""The ASGI layer in front of the engine: it knows who calls, writes the call log and breaks calls.

    client ──HTTP──▶ Layer ──▶ backend (MiniStack in this process, or a proxy to LocalStack)

A caller is known by its session token (``AWS_SESSION_TOKEN``), as a Lambda function is on AWS, or,
in an open engine, by the application id that SDKs put into the user agent (``AWS_SDK_UA_APP_ID``).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from ministack.core.router import extract_access_key_id

from localcloud import entries, iam
from localcloud.calls import Call, MessageBook, Request, error_code
from localcloud.turns import Turns

Send = Callable[[dict], Awaitable[None]]
Receive = Callable[[], Awaitable[dict]]
Backend = Callable[[dict, Receive, Send], Awaitable[None]]

UNNAMED = "you"
_PRIVATE_PATHS = ("/_ministack", "/_localstack", "/_aws/", "/_localemu")
_HEALTH = "/_localstack/health"
TIME_HEADER = "x-emulated-time"
_LARGEST_BODY = 64 << 20  # in a guarded engine, which somebody may want to fill up

# What each service says when it throttles (code, HTTP status); the rest says ThrottlingException, 400.
_THROTTLED = {
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "s3": ("SlowDown", 503),
    "sns": ("Throttling", 400),
    "kinesis": ("ProvisionedThroughputExceededException", 400),
    "lambda": ("TooManyRequestsException", 429),
}


@dataclass
class Fault:
    """What happens to a call of one caller; the fields are those of `localcloud.Fault`."""

    kind: str
    at: int | None = None
    operation: str | None = None
    times: int | None = 1
    when: str = "before"
    code: str | None = None
    reason: str | None = None
    seconds: float = 0.0
    entries: list[int] | None = None
    most: int = 10

    def meets(self, number: int, request: Request) -> bool:
        if self.times == 0:
            return False
        if self.at is not None and (number < self.at if self.times is None else number != self.at):
            return False
        if self.operation and self.operation != request.operation:
            return False
        self.times = None if self.times is None else self.times - 1
        return True


@dataclass
class Caller:
    """Somebody who calls the engine, with what has been planned for its calls."""

    account: str
    name: str
    recorded: bool = True
    key: str = ""
    """Its access key: the account's own, or that of an IAM role's session."""
    pid: int | None = None
    faults: list[Fault] = field(default_factory=list)
    made: int = 0
    held: asyncio.Event | None = None
    waiting: bool = False
    revoked: bool = False


@dataclass
class Log:
    """The calls of one account."""

    calls: list[Call] = field(default_factory=list)
    book: MessageBook = field(default_factory=MessageBook)

    def add(self, **parts: Any) -> None:
        self.calls.append(Call(number=len(self.calls) + 1, **parts))


class TooLarge(Exception):
    """A request is larger than a guarded engine takes."""


class Dropped(Exception):
    """The connection is to be cut without a reply."""


class Layer:
    """Identify, record and break AWS calls on their way to `backend`.

    `guarded`: refuse every call whose session token is not known, whose access key is not the
    token's, or that names another account, and hide the engine's own paths.
    """

    def __init__(
        self,
        backend: Backend,
        now: Callable[[], Any],
        passed: Callable[[], float],
        guarded: bool = False,
    ):
        self._backend = backend
        self._now = now
        self._passed = passed
        self.guarded = guarded
        self.callers: dict[str, Caller] = {}
        self.accounts: set[str] = set()
        self.logs: dict[str, Log] = {}
        self.turns: dict[str, Turns] = {}
        """By account: in which order its callers' calls take effect, where that is laid down."""
        self._open: dict[tuple[str, str], Caller] = {}

    async def __call__(self, scope: dict, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if not (self.guarded and scope["type"] == "websocket"):
                await self._backend(scope, receive, send)
            return
        path, query = scope["path"], scope.get("query_string", b"").decode()
        headers = read_headers(scope)
        key, token = _credentials(headers, query)
        if path == _HEALTH or (not self.guarded and (not key or path.startswith(_PRIVATE_PATHS))):
            return await self._backend(scope, receive, send)
        if self.guarded and path.startswith(_PRIVATE_PATHS):
            return await reply(send, 404, b"")
        caller = self._identify(key, token, headers)
        if self.guarded and caller is None:  # not even listened to
            request = Request.parse(scope["method"], path, headers, query, b"")
            return await refuse(send, request, headers, "InvalidClientTokenId", 403)
        try:
            body = await read_body(receive, _LARGEST_BODY if self.guarded else None)
        except TooLarge:
            return await reply(send, 413, b"")
        request = Request.parse(scope["method"], path, headers, query, body)
        if caller is None:
            return await refuse(send, request, headers, "InvalidClientTokenId", 403)
        if self.guarded and self._reaches_out(caller, request):
            return await refuse(send, request, headers, "AccessDenied", 403)
        try:
            await self._serve(caller, request, scope, headers, body, receive, send)
        except Dropped:
            # ASGI cannot close a connection without a reply. But after an interim reply, which clients
            # skip, the server closes it: no half of an answer can be taken for a whole one.
            await send({"type": "http.response.start", "status": 100, "headers": []})
            raise

    def _identify(self, key: str, token: str, headers: dict[str, str]) -> Caller | None:
        caller = self.callers.get(token)
        if caller is not None:
            return caller if caller.key == key and not caller.revoked else None
        if self.guarded:
            return None
        found = re.search(r"\bapp/([\w.+-]+)", headers.get("user-agent", ""))
        name = found.group(1) if found else UNNAMED
        return self._open.setdefault((key, name), Caller(iam.account_of(key), name, key=key))

    def _reaches_out(self, caller: Caller, request: Request) -> bool:
        """Whether a request names a resource in somebody else's account, by ARN or queue URL."""
        named = re.findall(r"\d{12,}", f"{request.path} {json.dumps(request.params)}")
        return any(name in self.accounts and name != caller.account for name in named)

    async def _serve(
        self,
        caller: Caller,
        request: Request,
        scope: dict,
        headers: dict[str, str],
        body: bytes,
        receive: Receive,
        send: Send,
    ) -> None:
        if not caller.recorded:
            return await self._backend(scope, replay(body), send)
        turns = self.turns.get(caller.account)
        if self.guarded:
            send = self._telling_the_time(send)
        if turns is None:
            return await self._meet(caller, request, scope, headers, body, receive, send)
        if not await _before_its_client_is_gone(turns.come(caller.name), receive):
            raise Dropped
        try:
            await self._meet(caller, request, scope, headers, body, receive, send)
        finally:
            turns.called(caller.name)

    def _telling_the_time(self, send: Send) -> Send:
        """Let replies say what time it is, for a process whose clock follows this engine's."""

        async def tell(message: dict) -> None:
            if message["type"] == "http.response.start":
                now = (TIME_HEADER.encode(), b"%.3f" % self._now().timestamp())
                message = {**message, "headers": [*message["headers"], now]}
            await send(message)

        return tell

    async def _meet(
        self,
        caller: Caller,
        request: Request,
        scope: dict,
        headers: dict[str, str],
        body: bytes,
        receive: Receive,
        send: Send,
    ) -> None:
        """Let a call meet its faults, and write down what became of it."""
        arrived, passed = self._now(), self._passed()
        caller.made += 1
        faults = [f for f in caller.faults if f.meets(caller.made, request)]
        log = self.logs.setdefault(caller.account, Log())

        def record(outcome: str, answer: dict[str, Any]) -> None:
            if request.service == "sqs":
                summary, messages = log.book.read(request, answer)
            else:
                summary, messages = request.summary(), ()
            log.add(
                time=arrived,
                caller=caller.name,
                service=request.service,
                operation=request.operation,
                resource=request.resource,
                outcome=outcome,
                summary=summary,
                messages=messages,
                entries=entries.count(request.operation, request.params),
                eventual=request.eventual,
                passed=passed,
            )

        for fault in faults:
            if fault.kind == "kill" and fault.when == "before":
                record("killed before", {})
                _kill(caller.pid)
                raise Dropped
            if fault.kind == "cut":
                record("connection cut", {})
                raise Dropped
            if fault.kind == "refuse":
                code, status = _refusal(request.service, fault.code)
                record(f"{code} ({fault.reason})" if fault.reason else code, {})
                details = cancellation(request, fault.reason) if fault.reason else {}
                return await refuse(send, request, headers, code, status, **details)
            held = fault.kind == "hold" and fault.when == "before"
            if held and not await self._released(caller, receive):
                record("killed before", {})
                raise Dropped
            if fault.kind == "delay":
                await asyncio.sleep(fault.seconds)

        for fault in faults:
            asked = request.params.get("MaxNumberOfMessages")
            if fault.kind == "few" and not fault.most and not request.params.get("WaitTimeSeconds"):
                record("ok", {})
                return await reply(send, 200, b"{}", "application/x-amz-json-1.0")
            if fault.kind == "few" and isinstance(asked, int) and 0 < fault.most < asked <= 10:
                fewer = {**request.params, "MaxNumberOfMessages": fault.most}
                scope, body = _instead(scope, fewer)
        stale = request.eventual and any(fault.kind == "stale" for fault in faults)
        answer = Answer()
        partly = next((f for f in faults if f.kind == "refuse entries"), None)
        if partly is not None and request.operation in entries.OPERATIONS:
            refused = await self._take_some(request, partly.entries, scope, headers, answer)
            record(refused, answer.json())
            return await answer.forward(send)
        await self._backend({**scope, "stale": stale}, replay(body), answer.collect)
        outcome = error_code(answer.status, answer.headers, answer.body) or "ok"
        if reasons := answer.json().get("CancellationReasons"):
            outcome += f" ({', '.join(reason['Code'] for reason in reasons)})"
        if stale and outcome == "ok":
            latest = Answer()
            await self._backend(scope, replay(body), latest.collect)
            outcome = "ok" if latest.body == answer.body else "stale"
        for fault in faults:
            if fault.kind == "kill" and fault.when == "after":
                record("killed after", answer.json())
                _kill(caller.pid)
                raise Dropped
            if fault.kind == "lose reply":
                record("reply lost", answer.json())
                raise Dropped
        record(outcome, answer.json())
        for fault in faults:
            if fault.kind == "hold" and fault.when == "after":
                await self._released(caller, receive)
        await answer.forward(send)

    async def _take_some(
        self,
        request: Request,
        refused: list[int] | None,
        scope: dict,
        headers: dict[str, str],
        answer: Answer,
    ) -> str:
        """Have the backend take all entries but the refused ones (None: all); return what happened."""
        operation, params = request.operation, request.params
        many = entries.count(operation, params)
        numbers = range(1, many + 1) if refused is None else refused
        kept, taken = entries.without(operation, params, numbers), Answer()
        if kept is not None:
            shorter, body = _instead(scope, kept)
            await self._backend(shorter, replay(body), taken.collect)
            if taken.status >= 400:
                answer.parts = taken.parts
                return error_code(taken.status, taken.headers, taken.body) or "ok"
        whole = entries.answer(operation, params, numbers, taken.json())
        kind = headers.get("content-type", "application/x-amz-json-1.0")
        await reply(answer.collect, 200, json.dumps(whole).encode(), kind)
        return "no entry taken" if kept is None else f"entry {numbers[0]} of {many} not taken"

    @staticmethod
    async def _released(caller: Caller, receive: Receive) -> bool:
        """Wait until a held call is released; return False when its client is gone before that."""
        caller.held, caller.waiting = asyncio.Event(), True
        released = await _before_its_client_is_gone(caller.held.wait(), receive)
        caller.waiting = False
        return released


def _instead(scope: dict, params: dict[str, Any]) -> tuple[dict, bytes]:
    """Another request (scope, body) like this one, with these parameters."""
    lengths = (b"content-length", b"transfer-encoding", b"x-amz-content-sha256")
    others = [(k, v) for k, v in scope["headers"] if k.lower() not in lengths]
    body = json.dumps(params).encode()
    return {**scope, "headers": [*others, (b"content-length", b"%d" % len(body))]}, body


async def _before_its_client_is_gone(waited_for: Awaitable[Any], receive: Receive) -> bool:
    """Wait for something; return False when whoever made the call has gone before that."""
    came = asyncio.ensure_future(waited_for)
    gone = asyncio.ensure_future(receive())  # the request was read: what comes is its end
    await asyncio.wait((came, gone), return_when=asyncio.FIRST_COMPLETED)
    there = came.done()
    came.cancel()
    gone.cancel()
    return there


@dataclass
class Answer:
    """The backend's reply, kept until it is decided what becomes of it."""

    parts: list[dict] = field(default_factory=list)

    async def collect(self, message: dict) -> None:
        self.parts.append(message)

    async def forward(self, send: Send) -> None:
        for part in self.parts:
            await send(part)

    @property
    def status(self) -> int:
        return self.parts[0]["status"] if self.parts else 500

    @property
    def headers(self) -> dict[str, str]:
        pairs = self.parts[0]["headers"] if self.parts else []
        return {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in pairs}

    @property
    def body(self) -> bytes:
        return b"".join(part.get("body", b"") for part in self.parts[1:])

    def json(self) -> dict[str, Any]:
        """The reply's JSON object, or {} where it has none."""
        try:
            parsed = json.loads(self.body) if self.body[:1] == b"{" else {}
        except (ValueError, RecursionError):
            return {}
        return parsed if isinstance(parsed, dict) else {}


def read_headers(scope: dict) -> dict[str, str]:
    """Return a request's headers by lower-case name; a repeated one is joined, as MiniStack does."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


async def read_body(receive: Receive, most: int | None = None) -> bytes:
    """Return the whole body of a request; raises TooLarge for more than `most` bytes."""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if most is not None and size > most:
            raise TooLarge
        more = message.get("more_body", False) and message["type"] == "http.request"
    return b"".join(parts)


def replay(body: bytes) -> Receive:
    """Return a `receive` that yields a body that was already read."""

    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def reply(
    send: Send, status: int, body: bytes, content_type: str = "text/plain", **more: str
) -> None:
    """Send a whole reply."""
    headers = [(b"content-type", content_type.encode()), (b"content-length", b"%d" % len(body))]
    headers += [(k.replace("_", "-").encode(), v.encode()) for k, v in more.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(
    send: Send,
    request: Request,
    headers: dict[str, str],
    code: str,
    status: int,
    message: str = "",
    **details: Any,
) -> None:
    """Send an AWS error in the protocol that the request came in; `details` are JSON members of it."""
    message = message or f"{request.operation or 'The call'} was refused: {code}."
    if request.service != "s3" and "x-www-form-urlencoded" not in headers.get("content-type", ""):
        body = json.dumps({"__type": code, "message": message, **details}).encode()
        return await reply(send, status, body, "application/x-amz-json-1.0", x_amzn_errortype=code)
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    if request.service != "s3":
        error = f"<ErrorResponse>{error}<RequestId>refused</RequestId></ErrorResponse>"
    await reply(send, status, error.encode(), "text/xml")


def cancellation(request: Request, reason: str) -> dict[str, Any]:
    """Say why a transaction is cancelled, as DynamoDB does: one reason for each of its actions."""
    actions = (
        request.params.get("TransactItems") or request.params.get("TransactStatements") or [{}]
    )
    codes = [reason, *["None"] * (len(actions) - 1)]
    return {
        "message": "Transaction cancelled, please refer cancellation reasons for specific reasons "
        f"[{', '.join(codes)}]",
        "CancellationReasons": [{"Code": code} for code in codes],
    }


def _refusal(service: str, code: str | None) -> tuple[str, int]:
    if code in (None, "throttled"):
        return _THROTTLED.get(service, ("ThrottlingException", 400))
    if code == "unavailable":
        return ("InternalError" if service in ("s3", "sns") else "InternalServerError"), 500
    return code, 400


def _kill(pid: int | None) -> None:
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _credentials(headers: dict[str, str], query: str) -> tuple[str, str]:
    """Return (access key, session token) of a request, "" where it has none."""
    params = parse_qs(query)
    # As MiniStack reads it, so that both mean the same account.
    key = extract_access_key_id(headers, params)
    in_query = {k.lower(): v[0] for k, v in params.items()}
    token = headers.get("x-amz-security-token") or in_query.get("x-amz-security-token", "")
    return key, token
