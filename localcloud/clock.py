"""The engine's own time: it can be moved, and everything in the engine that sleeps follows it.

Runs inside the engine's process, before MiniStack is imported. ``time-machine`` moves what
``time.time()`` and ``datetime.now()`` say; ``time.sleep`` is replaced by a sleep that ends when
*emulated* time has come, so that MiniStack's background loops (the TTL reaper every 60 s, the
schedulers every 5 s) wake as soon as the clock has moved past their deadline.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

# time-machine loads all of pytest for a fixture it brings along: a fifth of an engine's start.
sys.modules.setdefault("pytest", None)  # type: ignore[arg-type]
import time_machine  # noqa: E402

_SETTLE_S = 2.0  # real seconds that a move waits for what it woke
_MOST_STOPS = 1000  # a loop that waits for nothing must not hold up a move for ever
_FOREVER_S = 99_999  # what MiniStack writes for "no timeout"


class EngineClock:
    """Emulated time of this process; it ticks like real time, from wherever it was moved to."""

    def __init__(self) -> None:
        self._traveller = time_machine.travel(time.time(), tick=True).start()
        self._moved = threading.Condition()
        self._ahead = 0.0
        self._asleep: dict[int, float] = {}
        self._stops: dict[int, float] = {}
        self._woken: set[int] = set()
        self._mine = threading.local()
        time.sleep = self.sleep  # type: ignore[assignment]

    def now(self) -> float:
        """Emulated time in seconds since the epoch."""
        return time.time()

    def passed(self) -> float:
        """Seconds by which it has been moved so far, without the real time that went by."""
        return self._ahead

    def sleep(self, seconds: float) -> None:
        """Return when emulated time has advanced by `seconds`."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        self._rest(seconds)

    def follow(self, event: threading.Event, stop: bool = False) -> threading.Event:
        """Make `event.wait` count emulated seconds, and return the event."""
        set_it = event.set

        def set_and_tell() -> None:
            if event.is_set():
                return
            set_it()
            with self._moved:
                self._moved.notify_all()

        def wait(timeout: float | None = None) -> bool:
            seconds = _FOREVER_S if timeout is None else timeout
            seconds = threading.TIMEOUT_MAX if seconds >= _FOREVER_S else seconds
            self._rest(seconds, event.is_set, stop)
            return event.is_set()

        event.set, event.wait = set_and_tell, wait  # type: ignore[method-assign]
        return event

    def stop_for(self, module: Any) -> None:
        """Let a move of the clock stop at each moment that `module` sleeps or waits until.

        So waits that follow one another, or retries with back-off, all happen within one long move,
        each at its own time. Not for loops that look around every few seconds: they wake once a move.
        """
        module.time = SimpleNamespace(
            **{**vars(time), "sleep": lambda seconds: self._rest(seconds, stop=True)}
        )
        module.threading = SimpleNamespace(
            **{**vars(threading), "Event": lambda: self.follow(threading.Event(), stop=True)}
        )

    def _rest(
        self, seconds: float, until: Callable[[], bool] = lambda: False, stop: bool = False
    ) -> None:
        me = threading.get_ident()
        with self._moved:
            # A move made while this thread was at work counts as slept: its work took no time.
            moved_meanwhile = self._ahead - getattr(self._mine, "ahead", self._ahead)
            deadline = time.time() + seconds - moved_meanwhile
            self._woken.discard(me)
            self._asleep[me] = deadline
            if stop:
                self._stops[me] = deadline
            self._moved.notify_all()
            while not until() and (left := self._asleep[me] - time.time()) > 0:
                self._moved.wait(left)
            del self._asleep[me]
            self._stops.pop(me, None)
            self._mine.ahead = self._ahead

    def set(self, to: float) -> None:
        """Show this time from now on, earlier or later; whoever sleeps goes on as long as it had left."""
        with self._moved:
            by = to - time.time()
            self._traveller.shift(by)
            for deadlines in (self._asleep, self._stops):
                for ident in deadlines:
                    deadlines[ident] += by

    def advance(self, seconds: float) -> None:
        """Move emulated time forward and return when what fell due has run (or after 2 real seconds).

        Must not be called from a thread that what fell due depends on.
        """
        with self._moved:
            target = time.time() + seconds
            for _ in range(_MOST_STOPS):
                stop = min(self._stops.values(), default=target)
                if stop >= target:
                    break
                self._shift(stop - time.time())
            self._shift(target - time.time())

    def _shift(self, seconds: float) -> None:
        if seconds > 0:
            self._ahead += seconds
            self._traveller.shift(seconds)
        now = time.time()
        self._woken = {ident for ident, deadline in self._asleep.items() if deadline <= now}
        self._moved.notify_all()
        give_up = time.monotonic() + _SETTLE_S
        while self._still_busy() and (left := give_up - time.monotonic()) > 0:
            self._moved.wait(min(left, 0.05))

    def _still_busy(self) -> bool:
        alive = {thread.ident for thread in threading.enumerate()}
        return bool(self._woken & alive)
