"""Waterfalls: the spans of traces as bars over time, with who caused whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from visuals.canvas import Canvas, fit, number, text_width
from visuals.picture import Picture
from visuals.spans import Row, Span, Story, Stretch, tell, took
from visuals.theme import LINE, SMALL

_MARGIN, _INDENT, _DEEPEST = 10, 12, 8
_ROW, _ERROR, _BETWEEN, _BAR = 38, 15, 10, 9


def waterfall(
    spans: Iterable[Span],
    title: str,
    caption: str | None = None,
    width: int = 460,
    highlight: Iterable[str] = (),
) -> Picture:
    """Draw recorded spans, trace by trace; time runs from left to right, the same for all traces.

    Each span is a bar below its service and name. A solid arrow leads to a child from its parent, a
    dashed one to a span from the one that it is *linked* to; a rule divides one trace from the next.
    Time in which nobody worked is cut out where it would dwarf the work; the axis says when it goes on.

    ``highlight``: whole names of spans or services to point at.
    """
    story = tell(spans)
    pen = Canvas()
    if not story.rows:
        pen.text(12, 24, "No spans were recorded.", "muted")
        return Picture(title, caption, ("No spans were recorded.",), str(pen), 240, 40)
    height = _Drawing(pen, story, width, set(highlight)).draw()
    return Picture(title, caption, tuple(_sentences(story)), str(pen), width, height)


class _Drawing:
    def __init__(self, pen: Canvas, story: Story, width: int, marked: set[str]) -> None:
        self.pen, self.story, self.width, self.marked = pen, story, width, marked
        self.left, self.right = _MARGIN, width - _MARGIN
        self.tops: list[float] = []
        self.rules: list[float] = []
        top = 30.0
        for before, row in zip((None, *story.rows), story.rows, strict=False):
            if before and before.trace != row.trace:
                self.rules.append(top + _BETWEEN / 2 - 2)
                top += _BETWEEN
            self.tops.append(top)
            top += _ROW + _ERROR * bool(row.error)
        self.bottom = top

    def draw(self) -> float:
        """Draw it all; return the height."""
        rows = list(zip(self.story.rows, self.tops, strict=True))
        for row, top in rows:
            if self.is_marked(row):
                self.pen.rect(3, top - 2, self.width - 6, self.height_of(row) - 2, "band", 3)
                self.pen.rect(3, top - 2, 4, self.height_of(row) - 2, "call-fill", 1)
        self.draw_axis()
        for y in self.rules:
            self.pen.line(4, y, self.width - 4, y, "frame")
        for i, row in enumerate(self.story.rows):
            if row.parent is not None:
                self.draw_cause(row.parent, i, "muted")
            for linked in row.links:
                self.draw_cause(linked, i, "again")
        for row, top in rows:
            self.draw_row(row, top)
        return self.bottom + self.draw_legend()

    def is_marked(self, row: Row) -> bool:
        return bool({row.name, row.service} & self.marked)

    def height_of(self, row: Row) -> float:
        return _ROW + _ERROR * bool(row.error)

    def x(self, seconds: float) -> float:
        return self.left + self.story.at(seconds) * (self.right - self.left)

    def bar(self, i: int) -> tuple[float, float, float]:
        """Return left, right and middle height of a row's bar; an instant is three pixels wide."""
        row = self.story.rows[i]
        left = min(self.x(row.begun), self.right - 3)
        return left, max(self.x(row.ended), left + 3), self.tops[i] + 18 + _BAR / 2

    def draw_axis(self) -> None:
        begun = [part.begun for part in self.story.stretches if not part.pause]
        # Where two moments read the same, as +8 h and half a minute later, the one where work goes on.
        moments = {took(seconds): seconds for seconds in (begun[0], self.story.ended, *begun[1:])}
        written: list[tuple[float, float]] = []
        for time, seconds in moments.items():
            x = self.x(seconds)
            self.pen.line(x, 20, x, self.bottom - 4, "grid")
            text = f"+{time}" if seconds else time
            half = text_width(text, SMALL) / 2
            middle = min(max(x, self.left + half - 4), self.right - half + 4)
            if all(middle + half + 6 < a or b < middle - half - 6 for a, b in written):
                written.append((middle - half, middle + half))
                self.pen.text(middle, 14, text, "small muted center")
        for part in self.story.pauses:
            self.draw_pause(part)

    def draw_pause(self, part: Stretch) -> None:
        """Cut the time out, with a torn edge on either side."""
        for x, sign in ((self.x(part.begun), 1), (self.x(part.ended), -1)):
            teeth = "".join(
                f" L{number(x + sign * (5 if n % 2 else 9))} {number(22 + 6 * n)}"
                for n in range(int((self.bottom - 28) / 6))
            )
            self.pen.path(f"M{number(x + sign * 5)} 20{teeth}", "lane")

    def draw_cause(self, source: int, target: int, sign: str) -> None:
        """Draw an arrow from the bar of the cause to that of what it caused."""
        left, right, y = self.bar(source)
        tip, _, at = self.bar(target)
        dashed = " dashed" if sign == "again" else ""
        x = min(max(tip - 8, left + 2), right - 2)
        if tip - x < 8:  # it begins where its cause does: come from the left
            x = max(min(x, tip - 8), 4)
        start = y if left <= x <= right else y + _BAR / 2
        points = [(x, start), (x, at), (tip - 2, at)]
        if not left <= x <= right:
            points.insert(0, (left, start))
        self.pen.polyline(points, f"{sign}-line{dashed}")
        self.pen.head((tip, at), (tip - 8, at), sign, size=6)

    def draw_row(self, row: Row, top: float) -> None:
        i = self.tops.index(top)
        left, right, middle = self.bar(i)
        halo = "halo plate" + " on-band" * self.is_marked(row)
        x = self.left + _INDENT * min(row.depth, _DEEPEST)
        service = fit(row.service, 120, SMALL, bold=True)
        self.pen.text(x, top + 12, service, f"small strong {halo}", full=row.service)
        after = x + text_width(service, SMALL, bold=True) + 6
        text = took(row.seconds)
        length = text_width(text, SMALL)
        beside = right + 8 + length <= self.right  # there may be no room to the right of the bar
        room = self.right - after - (0 if beside else length + 8)
        name = self.story.label(row)
        marks = ("  ⇠ linked", "  ⇠") if row.links else ()  # there may be room for one of them
        mark = next((mark for mark in marks if text_width(name + mark, SMALL) <= room), "")
        shown = fit(name, room, SMALL) + mark
        self.pen.text(after, top + 12, shown, f"small {halo}", full=name + mark)
        sign = "fail" if row.error else "call"
        self.pen.rect(left, middle - _BAR / 2, right - left, _BAR, f"{sign}-fill", 1)
        if row.error:
            self.pen.cross(right - 1, middle, size=4)
        if beside:
            self.pen.text(right + 7, middle + 4, text, f"small muted {halo}")
        else:
            self.pen.text(self.right, top + 12, text, f"small muted end {halo}")
        if row.error:
            error = fit(f"✕ {row.error}", self.right - x, SMALL, bold=True)
            y = top + _ROW + 6
            self.pen.text(x, y, error, f"small strong fail {halo}", full=f"✕ {row.error}")

    def draw_legend(self) -> float:
        """Explain the signs that were used; return the height that it took."""
        notes = []
        if any(row.parent is not None for row in self.story.rows):
            notes.append(("muted", "", "caused it: the same trace"))
        if any(row.links for row in self.story.rows):
            notes.append(("again", " dashed", "linked: a trace of its own"))
        for n, (sign, dashed, text) in enumerate(notes):
            y = self.bottom + 14 + LINE * n
            self.pen.line(self.left, y - 4, self.left + 22, y - 4, f"{sign}-line{dashed}")
            self.pen.head((self.left + 26, y - 4), (self.left, y - 4), sign, size=6)
            self.pen.text(self.left + 32, y, text, "small muted")
        return 8.0 + LINE * len(notes)


def _sentences(story: Story) -> Iterator[str]:
    services = list(dict.fromkeys(row.service for row in story.rows))
    traces = "1 trace" if story.traces == 1 else f"{story.traces} traces"
    count = "1 span" if len(story.rows) == 1 else f"{len(story.rows)} spans"
    yield f"{traces} with {count} of {', '.join(services)} in {took(story.ended)}."
    for row in story.rows:
        told = (
            f"{row.service}: {story.label(row)}, from +{took(row.begun)}, {took(row.seconds)} long"
        )
        if row.parent is not None:
            told += f", child of {story.rows[row.parent].name}"
        elif row.depth == 0:
            told += f", begins trace {row.trace + 1}" if not row.span.parent_id else ""
        for linked in row.links:
            told += f", linked to {story.rows[linked].name} of {story.rows[linked].service}"
        if row.unseen:
            told += ", caused by what is not shown"
        yield told + (f"; failed: {row.error}." if row.error else ".")
    for part in story.pauses:
        yield f"Nobody is at work from +{took(part.begun)} to +{took(part.ended)}."
