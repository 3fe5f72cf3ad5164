"""The learner's clock: it shows the emulated time, and sleeping moves it instead of waiting.

Imported and installed before anything else, so that `from time import sleep` gives everyone (the
learner, botocore's back-off, urllib3) the emulated one. Threads sleep one after the other, so their
sleeps add up. Waits that do not go through `time.sleep` (`threading.Event.wait`, `asyncio.sleep`,
`select`) still take real time.
"""

import sys
import time

_NANO = 1_000_000_000
# What the interpreter can express (a signed 64-bit count of nanoseconds); beyond, it raises.
_LONGEST_SLEEP = (2**63 - 1) / _NANO


class Clock:
    """Wall clock, monotonic clocks and `time.sleep` of this process and of those forked from it."""

    def __init__(self):
        self.wait = None  # set per environment: asks the grader to let so many seconds pass
        self._slept_ns = 0
        self._traveller = None
        self.really_sleep = time.sleep

    def install(self):
        """Replace `time.sleep` and let the monotonic clocks advance with emulated sleeps."""
        real_sleep = self.really_sleep

        def sleep(seconds, /):
            if isinstance(seconds, (int, float)) and 0 < seconds < _LONGEST_SLEEP and self.wait:
                self.wait(float(seconds))
            else:  # zero yields; a negative, absurd or wrong value raises what Python raises
                real_sleep(seconds)

        time.sleep = sleep
        # A learner's `deadline = monotonic() + 5` must come nearer while they sleep.
        for name in ("monotonic", "perf_counter"):
            setattr(time, name, self._advanced(getattr(time, name), 1 / _NANO))
            setattr(time, f"{name}_ns", self._advanced(getattr(time, f"{name}_ns"), 1))

    def _advanced(self, real, unit):
        def reading():
            return real() + self._slept_ns * unit

        reading.__name__ = real.__name__
        return reading

    def preload(self):
        """Import what `show` needs, so that a fork finds it in memory."""
        _time_machine()

    def show(self, now):
        """Set the wall clock to `now` (seconds since 1970, UTC); it ticks on from there."""
        if self._traveller is None:
            self._traveller = _time_machine().travel(now, tick=True).start()
        else:
            self._traveller.move_to(now)

    def pass_by(self, seconds, now=None):
        """Let emulated time pass; `now` is what the wall clock shows then, if the grader knows."""
        self._slept_ns += round(seconds * _NANO)
        if now is not None:
            self.show(now)
        elif self._traveller is not None:
            self._traveller.shift(seconds)


def _time_machine():
    """Import time-machine without pytest, which it would load (0.1 s) for its own plugin."""
    loaded = sys.modules.get("pytest")
    sys.modules["pytest"] = None  # type: ignore[assignment]
    try:
        import time_machine
    finally:
        if loaded is None:
            del sys.modules["pytest"]
        else:
            sys.modules["pytest"] = loaded
    return time_machine
