"""One execution environment, seen from the grader: a process to invoke, freeze and kill."""

from __future__ import annotations

import json
import os
import secrets
import selectors
import shutil
import signal
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.sandbox import outcome as replies
from autograder.sandbox.containment import Containment
from autograder.sandbox.outcome import Outcome

if TYPE_CHECKING:
    from autograder.sandbox.sandbox import Sandbox

OnSleep = Callable[[float], "datetime | None"]
_BIRTH_SECONDS = 20.0
_LOOK_AT_SCRATCH_EVERY = 0.25


class _Ended(Exception):
    """The process closed its wire: it is dead, or about to be."""


class _Garbled(Exception):
    """The process said something it may not say; the argument says what, as a verb."""


class _TooLate(Exception):
    """Time is up; the argument says which, as a sentence without its full stop."""


class _Output:
    """The first bytes of what was printed, and how many more there were."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept = bytearray()
        self._dropped = 0

    def add(self, data: bytes) -> None:
        room = self._most - len(self._kept)
        self._kept += data[:room]
        self._dropped += max(0, len(data) - room)

    def take(self) -> str:
        """What was printed since the last `take`."""
        text = self._kept.decode("utf-8", "replace")
        if self._dropped:
            text += f"\n[{self._dropped} more bytes of output were dropped]\n"
        self._kept, self._dropped = bytearray(), 0
        return text


class Environment:
    """A Lambda execution environment: warm between invocations, frozen while it has none.

    Made by `Sandbox.environment`. One invocation at a time; `kill` may be called from any thread.
    """

    def __init__(self, sandbox: Sandbox, number: int) -> None:
        self._sandbox = sandbox
        self._number = number
        self._limits = sandbox.limits
        self._scratch = Path(sandbox.root, f"scratch-{number}")
        self._scratch.mkdir(mode=0o700)
        self._busy = threading.Lock()
        self._life = threading.RLock()
        self._status: int | None = None
        self._killed_on_purpose = False
        self._invocations = 0
        self._unsent = b""
        self._received = bytearray()
        self._output = _Output(self._limits.output_bytes)
        self._wire, theirs = socket.socketpair()
        self._output_end, output = os.pipe()
        try:
            self.pid = sandbox.fork([theirs.fileno(), output])
        finally:
            theirs.close()
            os.close(output)
        self._wire.setblocking(False)
        os.set_blocking(self._output_end, False)

    def begin(self, environ: Mapping[str, str], now: datetime) -> Containment:
        """Tell the new process who it is; returns the containment that it put in force."""
        directory = str(self._scratch)
        fixed = {"HOME": directory, "TMPDIR": directory}
        birth = {"environ": {**environ, **fixed}, "scratch": directory}
        self._queue({**birth, "seed": self._number, "now": _timestamp(now)})
        try:
            message = self._next_message(time.monotonic() + _BIRTH_SECONDS, "")
            return Containment.from_report(message["containment"])
        except (_Ended, _Garbled, _TooLate, KeyError) as problem:
            self.kill()
            raise self._sandbox.failure("could not start an environment") from problem

    @property
    def alive(self) -> bool:
        """False after it was killed, exited, timed out, or could not load the module."""
        return self._status is None

    def invoke(
        self,
        function: str,
        *args: Any,
        kwargs: Mapping[str, Any] | None = None,
        context: bool = False,
        timeout: float = 5.0,
        max_sleep: float = 900.0,
        on_sleep: OnSleep | None = None,
        now: datetime | None = None,
    ) -> Outcome:
        """Call a function of the learner's module, importing it first if this is a cold start.

        `args` and `kwargs` are JSON values; `context` adds a Lambda context as the last argument.
        `timeout` counts real seconds, `max_sleep` emulated ones spent in `time.sleep`; each sleep is
        reported to `on_sleep`, which moves the engine's clock and may return the time it then
        shows. `now` sets the environment's clock first.

        Every outcome but "returned", "raised" and "not found" leaves the environment dead.
        SandboxError if the environment is dead already or busy, or the sandbox itself fails.
        """
        if not self._busy.acquire(blocking=False):
            raise self._sandbox.failure("was asked to invoke a busy environment")
        try:
            if not self.alive:
                raise self._sandbox.failure("was asked to invoke a dead environment; make a new one")
            self._invocations += 1
            call = _Call(self, function, timeout, max_sleep, on_sleep)
            self._signal(signal.SIGCONT)
            self._queue(
                {
                    "id": call.id,
                    "invoke": function,
                    "args": args,
                    "kwargs": dict(kwargs or {}),
                    "context": self._context(max_sleep) if context else None,
                    "now": _timestamp(now) if now else None,
                }
            )
            return self._run(call)
        finally:
            self._busy.release()

    def kill(self) -> None:
        """Kill the process and all it may have started; returns when they are dead and gone."""
        with self._life:
            self._killed_on_purpose = True
            self._bury(grace=0.0)

    def _run(self, call: _Call) -> Outcome:
        try:
            found = call.await_reply()
            if found["kind"] == "not loaded":  # Lambda, too, starts afresh after that
                self._bury(grace=0.0)
            else:
                self._signal(signal.SIGSTOP)
        except _Ended:
            found = self._how_it_ended()
        except _Garbled as problem:
            found = {"kind": "protocol", "detail": str(problem)}
        except _TooLate as problem:
            found = {"kind": "timed out", "detail": str(problem)}
        except BaseException:  # on_sleep failed, or Ctrl-C
            self.kill()
            raise
        if found["kind"] in ("protocol", "timed out"):
            self._bury(grace=0.0)
        self._drain()
        return Outcome(
            file=self._sandbox.file,
            function=call.function,
            output=self._output.take(),
            importing=not call.loaded,
            slept=call.slept,
            seconds=time.monotonic() - call.started,
            **found,
        )
