"""One execution environment, seen from the grader: a process to invoke, freeze and kill."""

from __future__ import annotations

import os
import secrets
import signal
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.sandbox import scratch
from autograder.sandbox.in_force import Containment
from autograder.sandbox.outcome import Outcome, from_reply
from autograder.sandbox.wire import Ended, Garbled, TooLate, Wire
from localcloud.removing import remove

if TYPE_CHECKING:
    from autograder.sandbox.sandbox import Sandbox

OnSleep = Callable[[float], "datetime | None"]
_BIRTH_SECONDS = 20.0
_DYING_SECONDS = 1.0


class SandboxError(Exception):
    """The sandbox could not do its work. It says nothing about the learner's code."""


@dataclass
class _Invocation:
    id: str
    function: str
    started: float
    loaded: bool = False
    slept: float = 0.0


class Environment:
    """A Lambda execution environment: warm from one invocation to the next, frozen in between.

    Made by `Sandbox.environment`. One invocation at a time; `kill` may be called from any thread.
    """

    def __init__(
        self, sandbox: Sandbox, number: int, environ: Mapping[str, str], seed: int
    ) -> None:
        self._sandbox = sandbox
        self._limits = sandbox.limits
        self._seed = seed
        self._scratch = Path(sandbox.root, f"scratch-{number}")
        self._scratch.mkdir(mode=0o700)
        self._busy = threading.Lock()
        self._life = threading.RLock()
        self._status: int | None = None
        self._killing = False
        self._invocations = 0
        # A reply carries at most one value, and some hundred bytes around it.
        longest = self._limits.reply_bytes + 65536
        self._wire = Wire(longest, self._limits.output_bytes, sandbox.terminal)
        directory = str(self._scratch)
        self._environ = {**environ, "HOME": directory, "TMPDIR": directory}
        self.pid = self._wire.hand_over(partial(sandbox.fork, self._environ))

    def begin(self, now: datetime) -> Containment:
        """Tell the new process who it is; returns the containment that it put in force."""
        self._wire.send(
            {
                "environ": self._environ,
                "scratch": str(self._scratch),
                "seed": self._seed,
                "now": now.timestamp(),
            }
        )
        try:
            message = self._wire.receive(time.monotonic() + _BIRTH_SECONDS, "took too long")
            return Containment.from_report(message["containment"])
        except (Ended, Garbled, TooLate, KeyError) as problem:
            last_line = self._wire.take_output().strip().rpartition("\n")[2]
            reason = last_line or self._sandbox.last_words() or problem or "it ended"
            self.kill()
            raise SandboxError(f"An execution environment could not be started: {reason}") from None

    @property
    def alive(self) -> bool:
        """False once it was killed, exited, timed out, or could not load the module."""
        return self._status is None

    def invoke(
        self,
        function: str,
        *args: Any,
        kwargs: Mapping[str, Any] | None = None,
        context: bool = False,
        timeout: float = 5.0,
        cpu: float | None = None,
        max_sleep: float = 900.0,
        on_sleep: OnSleep | None = None,
        now: datetime | None = None,
    ) -> Outcome:
        """Call a function of the learner's module, importing that first if this is a cold start.

        `args` and `kwargs` are JSON values; `context` adds a Lambda context as the last argument.
        `timeout` counts real seconds, `cpu` those of processor time (within what the environment may
        take in its life), `max_sleep` the emulated ones spent in `time.sleep`. Each
        sleep is reported to `on_sleep`, which moves the engine's clock and may return the time that
        it then shows. `now` sets the environment's clock first.

        Every outcome but "returned", "raised" and "not found" leaves the environment dead.
        SandboxError if it is dead already or busy, or if the sandbox itself fails.
        """
        if not self._busy.acquire(blocking=False):
            raise SandboxError("This execution environment is still busy: wait, or make another.")
        try:
            if not self.alive:
                raise SandboxError("This execution environment is dead: make a new one.")
            self._invocations += 1
            invocation = _Invocation(secrets.token_hex(16), function, time.monotonic())
            self._signal(signal.SIGCONT)
            self._wire.send(
                {
                    "id": invocation.id,
                    "invoke": function,
                    "args": args,
                    "kwargs": dict(kwargs or {}),
                    "context": self._context(max_sleep) if context else None,
                    "now": now.timestamp() if now else None,
                    "cpu": cpu,
                }
            )
            ending = self._ending(invocation, timeout, max_sleep, on_sleep)
            return Outcome(
                file=self._sandbox.file,
                function=function,
                output=self._wire.take_output(),
                importing=not invocation.loaded,
                slept=invocation.slept,
                seconds=time.monotonic() - invocation.started,
                **ending,
            )
        finally:
            self._busy.release()
            self._close_if_dead()

    def kill(self) -> None:
        """Kill the process and all that it may have started; returns when they are dead."""
        with self._life:
            self._killing = True
            self._bury()
        self._close_if_dead()

    def _ending(
        self, invocation: _Invocation, timeout: float, max_sleep: float, on_sleep: OnSleep | None
    ) -> dict[str, Any]:
        """Let the invocation run; how it ended, as members of an Outcome."""
        try:
            ending = self._converse(invocation, timeout, max_sleep, on_sleep)
        except Ended:
            return self._death()
        except Garbled as problem:
            ending = {"kind": "protocol", "detail": str(problem)}
        except TooLate as problem:
            ending = {"kind": "timed out", "detail": str(problem)}
        except BaseException:  # on_sleep failed, or Ctrl-C
            self.kill()
            raise
        if ending["kind"] in ("returned", "raised", "not found"):
            self._signal(signal.SIGSTOP)  # threads that go on do nothing until the next invocation
        else:
            self._bury()  # Lambda, too, starts afresh after a failed import or a timeout
        return ending

    def _converse(
        self, invocation: _Invocation, timeout: float, max_sleep: float, on_sleep: OnSleep | None
    ) -> dict[str, Any]:
        deadline = invocation.started + timeout
        too_late = f"{invocation.function} did not finish within {timeout:g} seconds"
        while True:
            message = self._wire.receive(deadline, too_late, self._check_scratch)
            if message.get("id") != invocation.id:
                raise Garbled("sent a reply to a question that it was not asked")
            if set(message) == {"id", "loaded"} and not invocation.loaded:
                invocation.loaded = True
            elif set(message) == {"id", "sleep", "number"}:
                now = self._sleep(invocation, message["sleep"], max_sleep, on_sleep)
                self._wire.send(
                    {"slept": message["number"], "now": now.timestamp() if now else None}
                )
            else:
                try:
                    return from_reply(message)
                except ValueError as error:
                    raise Garbled(f"sent something that is no reply: {error}") from None

    def _sleep(
        self, invocation: _Invocation, seconds: Any, max_sleep: float, on_sleep: OnSleep | None
    ) -> datetime | None:
        if not isinstance(seconds, float) or not seconds > 0:
            raise Garbled("asked for a sleep that is none")
        left = max_sleep - invocation.slept
        invocation.slept += min(seconds, left)
        now = on_sleep(min(seconds, left)) if on_sleep and left > 0 else None
        if seconds > left:
            raise TooLate(
                f"{invocation.function} slept {invocation.slept:g} seconds of emulated time, "
                "as long as an invocation may, and wanted to sleep on"
            )
        return now

    def _check_scratch(self) -> None:
        if scratch.overfull(self._scratch, self._limits.scratch_bytes):
            raise Garbled("filled its scratch directory")

    def _death(self) -> dict[str, Any]:
        """What ended a process that closed its wire."""
        status, forced = self._bury(_DYING_SECONDS)
        if os.WIFEXITED(status):
            return {"kind": "exited", "exit_code": os.WEXITSTATUS(status)}
        if forced:
            return {"kind": "protocol", "detail": "closed its private connection"}
        number = os.WTERMSIG(status)
        by_grader = self._killing and number == signal.SIGKILL
        return {"kind": "killed", "signal": signal.Signals(number).name, "by_grader": by_grader}

    def _bury(self, grace: float = 0.0) -> tuple[int, bool]:
        """See to it that the process is dead, after so many seconds to end by itself.

        Returns its wait status, and whether it had to be killed after a grace in vain.
        """
        with self._life:
            forced = False
            if self._status is None:
                if not grace:
                    self._signal(signal.SIGKILL)
                try:
                    self._status, forced = self._sandbox.reap(self, grace)
                except SandboxError:
                    self._status = signal.SIGKILL  # dead, though nobody knows of what
                    raise
                finally:
                    remove(self._scratch)
            return self._status, forced

    def _signal(self, number: int) -> None:
        """Signal the process group; the id is ours as long as the zygote has not reaped it."""
        with self._life:
            if self._status is None:
                for send in (os.killpg, os.kill):
                    try:
                        send(self.pid, number)
                        return
                    except (ProcessLookupError, PermissionError):
                        continue

    def _close_if_dead(self) -> None:
        if not self.alive and self._busy.acquire(blocking=False):
            try:
                self._wire.close()
            finally:
                self._busy.release()

    def _context(self, max_sleep: float) -> dict[str, Any]:
        name = f"{self._seed}.{self._invocations}"
        return {
            "name": self._sandbox.module_name,
            "request_id": str(uuid.uuid5(uuid.NAMESPACE_OID, name)),
            "environment": uuid.uuid5(uuid.NAMESPACE_OID, str(self._seed)).hex,
            "max_sleep": max_sleep,
        }
