"""An order's way through the services, live: its status as a customer sees it and, where the engine keeps
a log of calls, what each service does about it."""

from __future__ import annotations

import re
import time
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from localcloud import Account, Call
from operations.ordering import FINAL, Client

_LONGEST_S = 180.0
_PAUSE_S = 0.4
_AFTERWARDS_S = 3.0
"""How long the services that only listen are watched after the order is final."""
_COLOURS = {
    "orders": "cyan",
    "saga": "magenta",
    "kitchen": "red",
    "inventory": "yellow",
    "payments": "green",
    "loyalty": "bright_blue",
    "delivery": "bright_yellow",
    "notifications": "bright_cyan",
    "analytics": "bright_black",
}
_STATUSES = ("PLACED", "CONFIRMED", "DUE", "DELIVERED")


class Way:
    """What is known of an order so far."""

    def __init__(self, order_id: str, until: str):
        self.order_id = order_id
        self.until = until
        self.status: dict[str, Any] = {}
        self.calls: list[Call] = []
        self._mine = re.compile(rf"(?<![\w-]){re.escape(order_id)}(?![\w-])")

    @property
    def reached(self) -> str:
        """Its status, "" while none is known."""
        return str(self.status.get("status", ""))

    @property
    def ended(self) -> bool:
        """Whether it is where it is watched to, or further."""
        if self.reached in FINAL:
            return True
        known = self.reached in _STATUSES
        return known and _STATUSES.index(self.reached) >= _STATUSES.index(self.until)

    def add(self, calls: list[Call]) -> None:
        """Take in the calls that are about this order; that we ask for the status is not its way."""
        for call in calls:
            asked = call.operation == "GetItem" and call.resource == "status"
            if self._mine.search(call.summary) and not asked:
                self.calls.append(call)
        self.calls.sort(
            key=lambda call: call.time
        )  # one that asks is logged after what it asked for

    def picture(self, rows: int) -> RenderableType:
        """Return the status line and the last `rows` calls."""
        if not self.calls:
            return self._line()
        began = self.calls[0].time
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for call in self.calls[-rows:]:
            after = f"{(call.time - began).total_seconds():6.2f} s"
            style = _COLOURS.get(call.caller, "white")
            what = Text(said(call))
            if call.outcome != "ok":
                what.append(f"  {call.outcome}", "red")
            table.add_row(Text(after, "dim"), Text(call.caller, style), what)
        return Group(self._line(), Text(), table)

    def _line(self) -> Text:
        line = Text.assemble(f"Order {self.order_id}  ")
        if self.reached == "FAILED":
            line.append("FAILED", "bold red")
            return line.append(f"  {self.status.get('reason', '')}")
        shown = _STATUSES[: max(_STATUSES.index(s) for s in (self.until, self.reached) if s) + 1]
        for status in shown:
            there = self.reached and shown.index(status) <= shown.index(self.reached)
            line.append(f"● {status}  " if there else f"○ {status}  ", "green" if there else "dim")
        return line


def said(call: Call) -> str:
    """Return in a few words what a call did."""
    about = call.summary.split(" ")[0]
    if call.operation == "PutEvents":
        return f"says {about} to everybody"
    if call.operation == "SendMessage":
        return f"sends a message to {call.resource}"
    if call.operation == "Invoke":
        asked = f" to {about}" if not call.summary.startswith("order ") else ""
        return f"asks {call.resource}{asked}"
    if call.operation in ("PutItem", "UpdateItem", "TransactWriteItems"):
        return f"writes to table {call.resource}"
    if call.operation == "GetItem":
        return f"reads table {call.resource}"
    return f"{call.operation} {call.resource}"


def watch(console: Console, client: Client, account: Account | None, since: int, way: Way) -> None:
    """Show an order's way until it has ended, or for three minutes at most.

    `since`: the number of the last call before the order was placed.
    """
    deadline = time.monotonic() + _LONGEST_S
    # What is not a terminal gets the whole way at the end.
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while time.monotonic() < deadline:
            if not way.ended:
                way.status = client.status(way.order_id) or {}
                if way.ended:
                    deadline = time.monotonic() + (_AFTERWARDS_S if account else 0)
            if account is not None:
                calls = account.calls_since(since)
                since += len(calls)
                way.add(calls)
            if console.is_terminal:
                live.update(way.picture(max(console.height - 4, 5)), refresh=True)
            time.sleep(_PAUSE_S)
    console.print(way.picture(len(way.calls)))
