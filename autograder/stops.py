"""Times in which this process stood still: Ctrl-Z, a debugger, a laptop whose lid was closed."""

from __future__ import annotations

import threading
import time

_LONGEST_BREATH_S = 5.0  # a busy machine may well let a thread wait for a second or two


class Stops:
    """Notices them by gaps in the time between two looks, so somebody has to look all the time.

    The engines' clocks go on meanwhile: what was running has not run as it was planned.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._last = time.time()  # goes on while a machine sleeps, other than time.monotonic
        self._count = 0
        self._seconds = 0.0

    def look(self) -> int:
        """Return how often it stood still so far."""
        with self._turn:
            now = time.time()
            gap, self._last = now - self._last, now
            if gap > _LONGEST_BREATH_S:
                self._count += 1
                self._seconds += gap
            return self._count

    def seconds(self) -> float:
        """Return for how long it stood still, all in all."""
        self.look()
        return self._seconds
