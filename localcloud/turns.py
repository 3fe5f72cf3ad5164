"""Whose turn it is: an order in which the calls of several callers take effect."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class Turns:
    """Lets callers go on in turn, each for so many calls or until it has finished.

    [("A", 2), ("B", None), ("A", None)]: two calls of A, then B until it has finished, then the rest
    of A. When all turns are over, nobody waits any more.
    """

    def __init__(self, plan: Iterable[tuple[str, int | None]]):
        self._plan = [(name, calls) for name, calls in plan if calls != 0]
        self._names = {name for name, _ in self._plan}
        self._changed = asyncio.Event()

    async def come(self, name: str) -> None:
        """Return when it is this caller's turn; at once for one that has no turns."""
        while self._plan and name in self._names and self._plan[0][0] != name:
            changed = self._changed
            await changed.wait()

    def called(self, name: str) -> None:
        """Count a call that has taken effect."""
        if self._plan and self._plan[0][0] == name:
            calls = self._plan[0][1]
            if calls == 1:
                self._plan.pop(0)
                self._tell()
            elif calls is not None:
                self._plan[0] = (name, calls - 1)

    def finished(self, name: str) -> None:
        """End all turns of a caller that makes no more calls."""
        self._plan = [turn for turn in self._plan if turn[0] != name]
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
