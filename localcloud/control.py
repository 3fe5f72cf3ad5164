"""The engine's control interface: HTTP and JSON on a port of its own, behind a secret token.

It is not on the port that AWS calls go to, and the token is handed over in memory alone (or, for an
engine that several commands share, in a file that only its owner can read).
"""

from __future__ import annotations

import asyncio
import json
import secrets
from datetime import datetime, timezone
from typing import Any

from localcloud import iam
from localcloud.clock import EngineClock
from localcloud.functions import Failure, Function, Functions
from localcloud.layer import Caller, Fault, Layer, Log, Receive, Send, read_body, reply
from localcloud.turns import Turns


class Control:
    """Answers `localcloud.Cloud`."""

    def __init__(
        self,
        layer: Layer,
        functions: Functions,
        clock: EngineClock,
        backend: Any,
        token: str,
        first_account: int,
    ):
        self._layer = layer
        self._functions = functions
        self._clock = clock
        self._backend = backend
        self._token = token
        self._next_account = first_account
        self.stopped = asyncio.Event()

    async def __call__(self, scope: dict, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        given = headers.get(b"authorization", b"").decode().removeprefix("Bearer ")
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            return await reply(send, 403, b"")
        body = await read_body(receive)
        action = getattr(self, "do_" + scope["path"].strip("/"))
        try:
            answer = await action(**json.loads(body or b"{}"))
            status = 200
        except ValueError as error:
            status, answer = 400, {"error": str(error)}
        await reply(send, status, json.dumps(answer).encode(), "application/json")

    async def do_account(self) -> dict[str, Any]:
        self._next_account += 1
        return {"account": f"{self._next_account:012d}"}

    async def do_caller(
        self, account: str, name: str, token: str, recorded: bool, policy: dict | None
    ) -> dict:
        key = account
        if policy is not None:
            if not self._backend.enforces_iam:
                raise ValueError(
                    "this engine does not enforce IAM policies; start an embedded one with iam=True"
                )
            key = iam.open_session(account, name, policy, token)
        self._layer.callers[token] = Caller(account, name, recorded, key=key)
        self._layer.accounts.add(account)
        return {"key": key}

    async def do_revoke(self, token: str) -> dict:
        self._layer.callers[token].revoked = True
        return {}

    async def do_process(self, token: str, pid: int) -> dict:
        self._layer.callers[token].pid = pid
        return {}

    async def do_function(self, failures: list[dict[str, Any]], **parts: Any) -> dict:
        self._functions.add(Function(**parts, failures=[Failure(**f) for f in failures]))
        return {}

    async def do_plan(self, token: str, faults: list[dict[str, Any]]) -> dict:
        caller = self._layer.callers[token]
        if any(fault["kind"] == "stale" for fault in faults):
            self._backend.keep_replicas(caller.account)
        caller.faults, caller.made = [Fault(**fault) for fault in faults], 0
        return {}

    async def do_held(self, token: str, timeout: float) -> dict:
        caller, deadline = self._layer.callers[token], asyncio.get_running_loop().time() + timeout
        while not caller.waiting and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.001)
        return {"held": caller.waiting}

    async def do_release(self, token: str) -> dict:
        caller = self._layer.callers[token]
        if not caller.waiting or caller.held is None:
            raise ValueError(f"no call of {caller.name} is being held")
        caller.waiting = False
        caller.held.set()
        return {}

    async def do_turns(self, account: str, turns: list[tuple[str, int | None]]) -> dict:
        self._layer.turns[account] = Turns(turns)
        return {}

    async def do_finished(self, account: str, name: str) -> dict:
        self._layer.turns[account].finished(name)
        return {}

    async def do_calls(self, account: str, since: int) -> dict:
        log = self._layer.logs.get(account, Log())
        return {"calls": [call.to_json() for call in log.calls[since:]]}

    async def do_forget(self, account: str) -> dict:
        self._layer.logs.pop(account, None)
        return {}

    async def do_now(self) -> dict:
        return {"now": self._clock.now(), "passed": self._backend.passed()}

    async def do_advance(self, seconds: float) -> dict:
        if seconds < 0:
            raise ValueError("the clock moves forward only")
        await self._backend.advance(seconds)
        return {"now": self._clock.now()}

    async def do_set(self, now: float) -> dict:
        self._backend.set(now)
        return {}

    async def do_about(self) -> dict:
        return {
            "engine": self._backend.name,
            "iam": self._backend.enforces_iam,
            "now": datetime.fromtimestamp(self._clock.now(), tz=timezone.utc).isoformat(),
        }

    async def do_stop(self) -> dict:
        self.stopped.set()
        return {}
