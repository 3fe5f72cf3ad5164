"""The engine's own time: it can be moved, and everything in the engine that sleeps follows it.

Runs inside the engine's process, before MiniStack is imported. ``time-machine`` moves what
``time.time()`` and ``datetime.now()`` say; ``time.sleep`` is replaced by a sleep that ends when
*emulated* time has come, so that MiniStack's background loops (the TTL reaper every 60 s, the
schedulers every 5 s, Step Functions' waits) wake as soon as the clock has moved past their deadline.
"""

from __future__ import annotations

import threading
import time

import time_machine

_SETTLE_S = 2.0  # real seconds that a move waits for what it woke


class EngineClock:
    """Emulated time of this process; it ticks like real time, from wherever it was moved to."""

    def __init__(self) -> None:
        self._travel = time_machine.travel(time.time(), tick=True)
        self._traveller = self._travel.start()
        self._moved = threading.Condition()
        self._asleep: dict[int, float] = {}
        self._woken: set[int] = set()
        time.sleep = self.sleep

    def now(self) -> float:
        """Emulated time in seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Return when emulated time has advanced by `seconds`."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        me, deadline = threading.get_ident(), time.time() + seconds
        with self._moved:
            self._woken.discard(me)
            self._asleep[me] = deadline
            self._moved.notify_all()
            while (left := deadline - time.time()) > 0:
                self._moved.wait(left)
            del self._asleep[me]

    def advance(self, seconds: float) -> None:
        """Move emulated time forward and return when what fell due has run (or after 2 real seconds).

        Must not be called from a thread that what fell due depends on.
        """
        with self._moved:
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
