"""Lambda functions that are played: trusted code, run by the engine itself, on its own clock.

A function that an engine runs for real takes a process, most of a second, and lives in real time. A
played one answers `Invoke` as Lambda does, within milliseconds of emulated time, on every engine:

    client ──HTTP──▶ Layer ──▶ Functions ──▶ backend
                                  └ function ──▶ backend

Its code is an ordinary Lambda function: ``handler(event, context)``, plain boto3, settings from
environment variables that it reads when it is invoked.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import threading
import traceback
import types
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ministack.core.router import extract_access_key_id

from localcloud import iam
from localcloud.calls import Request
from localcloud.connections import as_botocore_has_it, whole_body
from localcloud.layer import (
    Answer,
    Backend,
    Receive,
    Send,
    read_body,
    read_headers,
    refuse,
    replay,
    reply,
)

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse

_REGION = "us-east-1"
_FUNCTIONS = "/2015-03-31/functions"
# A name, a partial or a whole ARN, each with or without a version.
# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
_NAME = r"(?:.*function:)?(?P<name>[\w-]+)(?::[\w$-]+)?"
_INVOKE = re.compile(rf"{_FUNCTIONS}/{_NAME}/invocations")


@dataclass
class Failure:
    """What goes wrong in some invocations; the fields are those of `localcloud.Failure`."""

    error: str
    message: str
    when: str
    where: dict[str, Any]
    times: int

    def meets(self, event: object) -> bool:
        """Whether it meets this invocation; counts those that it does."""
        if self.times == 0 or not isinstance(event, dict):
            return False
        if any(event.get(name) != value for name, value in self.where.items()):
            return False
        self.times -= 1
        return True


@dataclass
class Function:
    """A function of one account."""

    account: str
    name: str
    source: str
    """Path of a Python file."""
    handler: str
    environment: dict[str, str] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True)
class Context:
    """What a played function gets as `context`."""

    function_name: str
    aws_request_id: str


class FunctionFailed(Exception):
    """The function raised, or was made to; its text is Lambda's answer, as JSON."""


class Functions:
    """Answer calls of played functions; everything else goes to `backend`."""

    def __init__(self, backend: Backend):
        self._backend = backend
        self._functions: dict[tuple[str, str], Function] = {}
        self._player: _Player | None = None
        self._running: set[asyncio.Task] = set()

    def add(self, function: Function) -> None:
        """Put a function there, or replace the one of its name."""
        self._functions[function.account, function.name] = function

    async def __call__(self, scope: dict, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(_FUNCTIONS) or not self._functions:
            return await self._backend(scope, receive, send)
        headers, body = read_headers(scope), await read_body(receive)
        key = extract_access_key_id(headers)
        account = iam.account_of(key)
        invoked = _INVOKE.fullmatch(path)
        if invoked:
            function = self._functions.get((account, invoked["name"]))
            if function is not None:
                if key != account:  # a role's: the backend knows what it may do
                    checked = Answer()
                    await self._backend(scope, replay(body), checked.collect)
                    if checked.status == 403:
                        return await checked.forward(send)
                return await self._invoke(function, headers, body, send)
        elif scope["method"] == "POST" and path.rstrip("/") == _FUNCTIONS:
            name = json.loads(body).get("FunctionName")
            if (account, name) in self._functions:
                request = Request("lambda", "CreateFunction", {})
                message = f"Function already exist: {name}"
                return await refuse(
                    send, request, headers, "ResourceConflictException", 409, message
                )
        await self._backend(scope, replay(body), send)

    async def _invoke(
        self, function: Function, headers: dict[str, str], body: bytes, send: Send
    ) -> None:
        try:
            event = json.loads(body or b"{}")
        except ValueError as error:
            code, message = "InvalidRequestContentException", f"Could not parse payload: {error}"
            return await refuse(send, Request("lambda", "Invoke", {}), {}, code, 400, message)
        kind = headers.get("x-amz-invocation-type", "RequestResponse")
        if kind == "DryRun":
            return await reply(send, 204, b"")
        if kind == "Event":
            task = asyncio.create_task(self._run(function, event))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            task.add_done_callback(lambda done: done.exception())
            return await reply(send, 202, b"")
        version = {"x_amz_executed_version": "$LATEST"}
        try:
            answer = await self._run(function, event)
        except FunctionFailed as failed:
            answer, version["x_amz_function_error"] = str(failed), "Unhandled"
        # Half of an emoji, which JSON can hold and UTF-8 cannot, comes out as "?".
        await reply(send, 200, answer.encode(errors="replace"), "application/json", **version)

    async def _run(self, function: Function, event: object) -> str:
        if self._player is None:
            self._player = _Player(self._backend, asyncio.get_running_loop())
        return await asyncio.to_thread(self._player.run, function, event)


class _Player:
    """Runs functions, one at a time: environment variables and boto3's session are the process's."""

    def __init__(self, backend: Backend, loop: asyncio.AbstractEventLoop):
        self._backend = backend
        self._loop = loop
        self._turn = threading.Lock()
        self._modules: dict[str, types.ModuleType] = {}
        import boto3
        import botocore.session

        session = botocore.session.Session()
        session.set_credentials("nobody", "test")
        session.register("before-send", self._send)  # type: ignore[arg-type]
        self._credentials: Any = session.get_credentials()
        self._session = boto3.Session(botocore_session=session, region_name=_REGION)

    def run(self, function: Function, event: object) -> str:
        """Return the function's answer as JSON; raises FunctionFailed with Lambda's own."""
        request_id = str(uuid.uuid4())
        with self._turn, self._environment(function):
            failure = next((f for f in function.failures if f.meets(event)), None)
            if failure is not None and failure.when == "before":
                raise FunctionFailed(_failed(failure.error, failure.message, request_id))
            try:
                handler = getattr(self._module(function.source), function.handler)
                # As Lambda does since Python 3.12: other letters are not escaped.
                # https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html#python-response-format
                returned = handler(event, Context(function.name, request_id))
                answer = json.dumps(returned, ensure_ascii=False)
            except Exception as error:
                own = error.__traceback__.tb_next if error.__traceback__ else None
                trace = traceback.format_tb(own)
                raise FunctionFailed(
                    _failed(type(error).__name__, str(error), request_id, stackTrace=trace)
                ) from error
            if failure is not None:
                raise FunctionFailed(_failed(failure.error, failure.message, request_id))
            return answer

    @contextlib.contextmanager
    def _environment(self, function: Function) -> Iterator[None]:
        self._credentials.access_key = function.account
        # An endpoint that is an address keeps names of buckets out of the host name.
        variables = {**function.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1"}
        kept = {name: os.environ.get(name) for name in variables}
        import boto3

        others, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, self._session
        os.environ.update(variables)
        try:
            yield
        finally:
            boto3.DEFAULT_SESSION = others
            for name, value in kept.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    def _module(self, source: str) -> types.ModuleType:
        """The module of a file, loaded once for all accounts: its clients take long to make."""
        if source not in self._modules:
            module = types.ModuleType(Path(source).stem)
            module.__file__ = (
                f"/var/task/{Path(source).name}"  # as on Lambda; ours is nobody's business
            )
            code = compile(Path(source).read_bytes(), module.__file__, "exec")
            exec(code, module.__dict__)
            self._modules[source] = module
        return self._modules[source]

    def _send(self, request: Any, **_: Any) -> AWSResponse:
        """Hand a function's AWS call to the backend, without a way through the network."""
        call = self._call(request)
        answer = asyncio.run_coroutine_threadsafe(call, self._loop).result(timeout=60)
        return as_botocore_has_it(request.url, answer.status, answer.headers, answer.body)

    async def _call(self, request: Any) -> Answer:
        url, body = urlsplit(request.url), whole_body(request.body)
        scope = {
            "type": "http",
            "method": request.method,
            "path": url.path or "/",
            "raw_path": (url.path or "/").encode(),
            "query_string": url.query.encode(),
            "headers": [
                (b"host", url.netloc.encode()),
                *((k.lower().encode(), _bytes(v)) for k, v in request.headers.items()),
            ],
        }
        answer = Answer()
        await self._backend(scope, replay(body), answer.collect)
        return answer


def _failed(error: str, message: str, request_id: str, **more: Any) -> str:
    """Lambda's answer for a function that raised.

    https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    """
    told = {"errorType": error, "errorMessage": message, "requestId": request_id, **more}
    return json.dumps(told, ensure_ascii=False)


def _bytes(value: str | bytes) -> bytes:
    return value.encode("latin-1") if isinstance(value, str) else value
