"""What answers the calls of the embedded engine: MiniStack, in this process."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from ministack.app import app as ministack
from ministack.core.concurrency import esm_wake
from ministack.core.router import extract_access_key_id, extract_region

from localcloud import durable, gaps, iam, move_tasks, replicas
from localcloud.calls import Request
from localcloud.clock import EngineClock
from localcloud.layer import Answer, Receive, Send, read_body, read_headers, refuse, replay, reply

_JSON = "application/x-amz-json-1.0"


class Embedded:
    """MiniStack, with what it lacks filled in (see `localcloud.gaps` and `localcloud.move_tasks`).

    `skip_waits`: a long poll that finds nothing moves the clock a second at a time instead of waiting.
    """

    name = "embedded"

    def __init__(self, clock: EngineClock, skip_waits: bool):
        self._clock = clock
        self._skip_waits = skip_waits
        clock.follow(esm_wake)
        # MiniStack loads most services when they are first called, so these are adapted after that.
        self._to_adapt: dict[str, Callable[[Any], None]] = {
            "ministack.services.stepfunctions": clock.stop_for,
            "ministack.services.apigateway": gaps.reach_every_api,
            "ministack.services.apigateway_v1": gaps.reach_every_api,
            "ministack.services.dynamodb": self._adapt_dynamodb,
            "ministack.services.s3": gaps.adapt_s3,
            "ministack.services.lambda_svc": gaps.tell_exceptions,
            "ministack.services.cloudformation.provisioners": durable.switch_on,
        }
        gaps.accept_outdated_handles()
        gaps.refuse_long_delays()
        self.enforces_iam = iam.enforced()
        iam.adapt()
        self.move_tasks = move_tasks.MoveTasks()
        self._replicas = replicas.Replicas(clock.passed)
        self._background: asyncio.Task | None = None

    async def __call__(self, scope: dict, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            self._background = asyncio.create_task(self.move_tasks.run())
        for name in self._to_adapt.keys() & sys.modules.keys():
            # It may just be being imported, by another thread: this waits for that.
            self._to_adapt.pop(name)(importlib.import_module(name))
        if scope["type"] != "http":
            return await ministack(scope, receive, send)
        replicas.behind.set(scope.get("stale", False))
        headers = read_headers(scope)
        query = scope.get("query_string", b"").decode()
        if gaps.expired_presigned_url(query, self._clock.now()):
            return await refuse(
                send, Request("s3", "", {}), {}, "AccessDenied", 403, "Request has expired"
            )
        key = extract_access_key_id(headers, parse_qs(query)) if self.enforces_iam else ""
        if key and scope["method"] in ("GET", "HEAD") and iam.account_of(key) != key:
            return await self._read(scope, receive, send, key)
        if key and gaps.puts_more_than_allowed(key, scope["path"], headers):
            await read_body(receive)
            request = Request("s3", "PutObject", {})
            return await refuse(send, request, headers, "AccessDenied", 403, "Access Denied")
        service, _, operation = headers.get("x-amz-target", "").partition(".")
        if service != "AmazonSQS":
            return await ministack(scope, receive, send)
        self.move_tasks.settle()
        if operation.endswith(("MessageMoveTask", "MessageMoveTasks")):
            return await self._move_task(operation, headers, await read_body(receive), send)
        if operation == "ReceiveMessage" and self._skip_waits:
            return await self._receive(scope, headers, await read_body(receive), send)
        await ministack(scope, receive, send)

    def _adapt_dynamodb(self, module: Any) -> None:
        gaps.adapt_dynamodb(module)
        self._replicas.adapt(module)

    def keep_replicas(self, account: str) -> None:
        """Be able to answer eventually consistent reads of an account from before the latest change."""
        self._replicas.accounts.add(account)

    async def _read(self, scope: dict, receive: Receive, send: Send, key: str) -> None:
        """Answer somebody who may not do everything: S3 does not tell everyone what is missing."""
        answer = Answer()
        await ministack(scope, receive, answer.collect)
        bucket, _, missing = scope["path"].lstrip("/").partition("/")
        missing_object = answer.status == 404 and missing and "x-amz-id-2" in answer.headers
        if not (missing_object and gaps.hides_what_is_missing(key, bucket, answer.body)):
            return await answer.forward(send)
        if scope["method"] == "HEAD":
            return await reply(send, 403, b"", "application/xml")
        await refuse(send, Request("s3", "GetObject", {}), {}, "AccessDenied", 403, "Access Denied")

    async def _move_task(
        self, operation: str, headers: dict[str, str], body: bytes, send: Send
    ) -> None:
        key, region = extract_access_key_id(headers), extract_region(headers)
        account, params = iam.account_of(key), json.loads(body)
        if iam.denied(key, f"sqs:{operation}", params.get("SourceArn") or "*"):
            request = Request("sqs", operation, {})
            return await refuse(send, request, headers, "AccessDenied", 403)
        try:
            answer = self.move_tasks.answer(operation, params, account, region)
        except move_tasks.SqsError as error:
            request = Request("sqs", operation, {})
            return await refuse(send, request, headers, error.code, error.status, str(error))
        await reply(send, 200, json.dumps(answer).encode(), _JSON)

    async def _receive(self, scope: dict, headers: dict[str, str], body: bytes, send: Send) -> None:
        params = json.loads(body)
        account, region = iam.account_of(extract_access_key_id(headers)), extract_region(headers)
        left = gaps.wait_seconds(account, region, params)
        iam.body_as_sent.set(body)
        without_waiting = json.dumps({**params, "WaitTimeSeconds": 0}).encode()
        # ASGI's scope keeps the old content-length; MiniStack reads the body it is given.
        while True:
            answer = Answer()
            await ministack(scope, replay(without_waiting), answer.collect)
            if left <= 0 or answer.status != 200 or "Messages" in answer.json():
                return await answer.forward(send)
            await self.advance(min(1.0, left))
            left -= 1.0

    def passed(self) -> float:
        """Seconds by which the clock has been moved so far."""
        return self._clock.passed()

    def set(self, now: float) -> None:
        """Set the clock; nothing falls due by that."""
        self._clock.set(now)

    def advance(self, seconds: float) -> Awaitable[None]:
        """Move the clock and do what fell due."""

        async def move() -> None:
            await asyncio.to_thread(self._clock.advance, seconds)
            self.move_tasks.settle()
            esm_wake.set()

        return move()
