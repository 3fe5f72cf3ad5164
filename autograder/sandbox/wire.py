"""The grader's end of an environment's private socket, and of the pipe it prints to."""

from __future__ import annotations

import json
import os
import selectors
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

from autograder.sandbox.outcome import parse

_CHUNK = 1 << 16
_MOST_AT_ONCE = 1 << 22
_TICK = 0.25


class Ended(Exception):
    """The other end is closed: the process is dead, or about to be."""


class Garbled(Exception):
    """The process did what it may not; the argument completes "The process …"."""


class TooLate(Exception):
    """Time is up; the argument is a sentence without its full stop."""


class Wire:
    """JSON lines to and from a process that is not trusted, none of which can block the grader."""

    def __init__(self, longest_line: int, most_output: int, terminal: int | None = None) -> None:
        """`terminal`: a descriptor that the process prints to, and reads from, instead of the pipe."""
        self._longest_line = longest_line
        self._socket, self._theirs = socket.socketpair()
        self._printed, self._output = os.pipe()
        if terminal is not None:
            os.dup2(terminal, self._output)
        self._socket.setblocking(False)
        os.set_blocking(self._printed, False)
        self._unsent = b""
        self._received = bytearray()
        self._most_output = most_output
        self._kept = bytearray()
        self._dropped = 0

    def hand_over(self, take: Callable[[list[int]], int]) -> int:
        """Give the process's two ends to `take`, then let go of them; returns what it returns."""
        try:
            return take([self._theirs.fileno(), self._output])
        finally:
            self._theirs.close()
            os.close(self._output)

    def send(self, message: Mapping[str, Any]) -> None:
        """Queue a message; `receive` sends it as fast as the other end takes it."""
        self._unsent += json.dumps(message).encode() + b"\n"

    def receive(
        self, deadline: float, too_late: str, watch: Callable[[], None] | None = None
    ) -> dict[str, Any]:
        """The next message. `watch` is called every quarter of a second meanwhile.

        Ended, Garbled, or TooLate(too_late) at `deadline` (as `time.monotonic` counts).
        """
        look_again = time.monotonic() + _TICK
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._printed, selectors.EVENT_READ)
            while b"\n" not in self._received:
                now = time.monotonic()
                if now >= deadline:
                    raise TooLate(too_late)
                if watch and now >= look_again:
                    watch()
                    look_again = now + _TICK
                wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
                selector.modify(self._socket, wanted)
                for key, events in selector.select(min(deadline, look_again) - now):
                    if key.fileobj == self._printed:
                        if self._read_output() == 0:
                            selector.unregister(self._printed)
                        continue
                    if events & selectors.EVENT_READ:
                        self._read_message()
                    elif events & selectors.EVENT_WRITE:
                        self._write()
        line, _, rest = bytes(self._received).partition(b"\n")
        self._received = bytearray(rest)
        try:
            return parse(line)
        except ValueError as error:
            raise Garbled(f"sent something that is no reply: {error}") from None

    def take_output(self) -> str:
        """What was printed since the last call, as far as it was kept."""
        for _ in range(_MOST_AT_ONCE // _CHUNK):
            if not self._read_output():
                break
        text = self._kept.decode("utf-8", "replace")
        if self._dropped:
            text += f"\n[{self._dropped} more bytes of output were dropped]\n"
        self._kept, self._dropped = bytearray(), 0
        return text

    def close(self) -> None:
        """Let go of both ends; closing twice is harmless."""
        if self._socket.fileno() >= 0:
            self._socket.close()
            os.close(self._printed)

    def _read_output(self) -> int | None:
        """Read once: how many bytes, 0 at the end, None if there is nothing at the moment."""
        try:
            data = os.read(self._printed, _CHUNK)
        except BlockingIOError:
            return None
        room = self._most_output - len(self._kept)
        self._kept += data[:room]
        self._dropped += max(0, len(data) - room)
        return len(data)

    def _read_message(self) -> None:
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            raise Ended
        self._received += data
        if len(self._received) > self._longest_line:
            raise Garbled("sent a reply that is too long")

    def _write(self) -> None:
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent[:_CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:
            raise Ended from None
