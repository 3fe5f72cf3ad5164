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

from localcloud.calls import Call, MessageBook, Request, error_code

Send = Callable[[dict], Awaitable[None]]
Receive = Callable[[], Awaitable[dict]]
Backend = Callable[[dict, Receive, Send], Awaitable[None]]

UNNAMED = "you"
_PRIVATE_PATHS = ("/_ministack", "/_localstack", "/_aws/", "/_localemu")
_HEALTH = "/_localstack/health"

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
    seconds: float = 0.0

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


class Dropped(Exception):
    """The connection is to be cut without a reply."""


class Layer:
    """Identify, record and break AWS calls on their way to `backend`.

    `guarded`: refuse every call whose session token is not known, whose access key is not of the
    token's account, or that names another account, and hide the engine's own paths.
    """

    def __init__(self, backend: Backend, now: Callable[[], Any], guarded: bool = False):
        self._backend = backend
        self._now = now
        self.guarded = guarded
        self.callers: dict[str, Caller] = {}
        self.logs: dict[str, Log] = {}
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
        body = await read_body(receive)
        if self.guarded and path.startswith(_PRIVATE_PATHS):
            return await reply(send, 404, b"")
        caller = self._identify(key, token, headers)
        request = Request.parse(scope["method"], path, headers, query, body)
        if caller is None:
            return await refuse(send, request, headers, "InvalidClientTokenId", 403)
        if self.guarded and self._reaches_out(caller, request):
            return await refuse(send, request, headers, "AccessDenied", 403)
        try:
            await self._serve(caller, request, scope, headers, body, receive, send)
        except Dropped:
            # A reply cut off in the middle: the client sees its connection closed.
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [(b"content-length", b"9")],
                }
            )
            raise

    def _identify(self, key: str, token: str, headers: dict[str, str]) -> Caller | None:
        caller = self.callers.get(token)
        if caller is not None:
            return caller if caller.account == key and not caller.revoked else None
        if self.guarded:
            return None
        found = re.search(r"\bapp/([\w.+-]+)", headers.get("user-agent", ""))
        name = found.group(1) if found else UNNAMED
        return self._open.setdefault((key, name), Caller(key, name))

    def _reaches_out(self, caller: Caller, request: Request) -> bool:
        """Whether a request names a resource in somebody else's account, by ARN or queue URL."""
        others = {known.account for known in self.callers.values()} - {caller.account}
        named = re.findall(r"\d{12,}", f"{request.path} {json.dumps(request.params)}")
        return not others.isdisjoint(named)

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
        arrived = self._now()
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
            )

        for fault in faults:
            if fault.kind == "kill" and fault.when == "before":
                record("killed before", {})
                _kill(caller.pid)
                raise Dropped
            if fault.kind == "refuse":
                code, status = _refusal(request.service, fault.code)
                record(code, {})
                return await refuse(send, request, headers, code, status)
            held = fault.kind == "hold" and fault.when == "before"
            if held and not await self._released(caller, receive):
                record("killed before", {})
                raise Dropped
            if fault.kind == "delay":
                await asyncio.sleep(fault.seconds)

        answer = Answer()
        await self._backend(scope, replay(body), answer.collect)
        outcome = error_code(answer.status, answer.headers, answer.body) or "ok"
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

    @staticmethod
    async def _released(caller: Caller, receive: Receive) -> bool:
        """Wait until a held call is released; return False when its client is gone before that."""
        caller.held, caller.waiting = asyncio.Event(), True
        release = asyncio.ensure_future(caller.held.wait())
        gone = asyncio.ensure_future(receive())  # the request was read: what comes is its end
        await asyncio.wait((release, gone), return_when=asyncio.FIRST_COMPLETED)
        caller.waiting = False
        release.cancel()
        gone.cancel()
        return caller.held.is_set()


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
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}


def read_headers(scope: dict) -> dict[str, str]:
    """Return a request's headers by lower-case name; a repeated one is joined, as MiniStack does."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


async def read_body(receive: Receive) -> bytes:
    """Return the whole body of a request."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False) and message["type"] == "http.request"
    return body


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
) -> None:
    """Send an AWS error in the protocol that the request came in."""
    message = message or f"{request.operation or 'The call'} was refused: {code}."
    if request.service != "s3" and "x-www-form-urlencoded" not in headers.get("content-type", ""):
        body = json.dumps({"__type": code, "message": message}).encode()
        return await reply(send, status, body, "application/x-amz-json-1.0", x_amzn_errortype=code)
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    if request.service != "s3":
        error = f"<ErrorResponse>{error}<RequestId>refused</RequestId></ErrorResponse>"
    await reply(send, status, error.encode(), "text/xml")


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
