"""What a list of spans tells: which belong together, who caused whom, and when nobody was at work.

Nothing here draws. A *row* is one line of the story: a span.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from visuals.canvas import clean

Span = Any  # an operations.traces.Span, or anything with its fields

_LONG = 3.0  # a pause so many times as long as all the work is not drawn to scale
_PAUSES = 0.4  # of the width, at most, for all of them
_PAUSE = 0.1  # and for one


@dataclass(frozen=True)
class Row:
    """A span at its place: after what caused it, a step further in than that."""

    span: Span
    trace: int  # the how-manieth of the traces shown, from 0
    depth: int
    parent: int | None  # its row
    links: tuple[int, ...]  # rows
    unseen: int  # how many spans it names as parent or in links that are not among these
    begun: float  # seconds since the first span began
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.begun

    @property
    def service(self) -> str:
        return clean(self.span.service) or "unnamed service"

    @property
    def name(self) -> str:
        return clean(self.span.name)

    @property
    def error(self) -> str:
        return clean(self.span.error).partition("\n")[0]


@dataclass(frozen=True)
class Stretch:
    """A part of the time, in seconds, and where it is drawn, from 0 to 1; a pause is out of scale."""

    begun: float
    ended: float
    left: float
    right: float
    pause: bool


@dataclass(frozen=True)
class Story:
    rows: tuple[Row, ...]
    stretches: tuple[Stretch, ...]

    def at(self, seconds: float) -> float:
        """Return where a moment is drawn, from 0 to 1."""
        for part in self.stretches:
            if seconds <= part.ended:
                share = (seconds - part.begun) / ((part.ended - part.begun) or 1)
                return part.left + share * (part.right - part.left)
        return 1.0

    @property
    def ended(self) -> float:
        return max((row.ended for row in self.rows), default=0.0)

    @property
    def pauses(self) -> list[Stretch]:
        return [part for part in self.stretches if part.pause]

    @property
    def traces(self) -> int:
        return len({row.trace for row in self.rows})

    @cached_property
    def orders(self) -> list[str]:
        """The orders that these spans are about."""
        named = (row.span.attributes.get("order.id") for row in self.rows)
        return sorted({str(order) for order in named if order})

    def label(self, row: Row) -> str:
        """Return a row's name, with its order where there are several."""
        order = row.span.attributes.get("order.id")
        return f"{row.name}, order {clean(order)}" if order and len(self.orders) > 1 else row.name


def tell(spans: Iterable[Span]) -> Story:
    """Put spans in order: trace by trace, each as a tree of who caused whom, and by time in it."""
    spans = sorted(spans, key=lambda span: span.start)
    if not spans:
        return Story((), ())
    first = spans[0].start
    ids = {(span.trace_id, span.span_id) for span in spans}
    below: dict[tuple[str, str], list[Span]] = {}
    for span in spans:
        above = (span.trace_id, span.parent_id)
        below.setdefault(above if above in ids else (span.trace_id, ""), []).append(span)
    order: list[tuple[Span, int, int]] = []

    def place(span: Span, trace: int, depth: int) -> None:
        order.append((span, trace, depth))
        for child in below.get((span.trace_id, span.span_id), ()):
            place(child, trace, depth + 1)

    for trace, trace_id in enumerate(dict.fromkeys(span.trace_id for span in spans)):
        for root in below.get((trace_id, ""), ()):
            place(root, trace, 0)
    places = {(span.trace_id, span.span_id): i for i, (span, *_) in enumerate(order)}
    rows = []
    for span, trace, depth in order:
        links = [places.get(tuple(link)) for link in span.links]
        parent = places.get((span.trace_id, span.parent_id)) if span.parent_id else None
        rows.append(
            Row(
                span=span,
                trace=trace,
                depth=depth,
                parent=parent,
                links=tuple(link for link in links if link is not None),
                unseen=links.count(None) + (bool(span.parent_id) and parent is None),
                begun=_since(first, span.start),
                ended=max(_since(first, span.end), _since(first, span.start)),
            )
        )
    return Story(tuple(rows), _stretches([(row.begun, row.ended) for row in rows]))


def took(seconds: float) -> str:
    """Write how long a piece of work took: ``4 ms``, ``1.2 s``, ``5 min 10 s``."""
    if seconds == 0:
        return "0 s"
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.0005 else "<1 ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s".replace(".0 ", " ")
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 2:
        return f"{round(seconds)} s"
    hours, minutes = divmod(minutes, 60)
    large, small = ((hours, "h"), (minutes, "min")) if hours else ((minutes, "min"), (rest, "s"))
    return f"{large[0]} {large[1]}" + (f" {small[0]} {small[1]}" if small[0] else "")


def _since(first: datetime, time: datetime) -> float:
    return (time - first).total_seconds()


def _stretches(work: list[tuple[float, float]]) -> tuple[Stretch, ...]:
    """Divide the time into stretches to scale, and pauses between them that would dwarf the rest."""
    busy: list[list[float]] = []
    for begun, ended in sorted(work):
        if busy and begun <= busy[-1][1]:
            busy[-1][1] = max(busy[-1][1], ended)
        else:
            busy.append([begun, ended])
    at_work = sum(ended - begun for begun, ended in busy)
    parts = [busy[0]]
    for begun, ended in busy[1:]:
        if begun - parts[-1][1] > _LONG * at_work:
            parts.append([begun, ended])
        else:
            parts[-1][1] = ended
    pause = min(_PAUSE, _PAUSES / max(len(parts) - 1, 1))
    scale = (1 - pause * (len(parts) - 1)) / sum(b - a or 1e-9 for a, b in parts)
    stretches: list[Stretch] = []
    left = 0.0
    for begun, ended in parts:
        if stretches:
            stretches.append(Stretch(stretches[-1].ended, begun, left, left + pause, True))
            left += pause
        right = left + (ended - begun or 1e-9) * scale
        stretches.append(Stretch(begun, ended, left, right, False))
        left = right
    return tuple(stretches)
