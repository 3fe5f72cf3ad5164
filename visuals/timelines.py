"""Timelines: every recorded call an arrow between lanes, emulated time running down the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from visuals.canvas import Canvas, fit, number, text_width
from visuals.history import Call, Hidden, Lane, Row, tell
from visuals.layout import BAR, SLOT, WIDEST, Layout, Place, numbers, operation, what
from visuals.picture import Picture
from visuals.telling import note, sentences
from visuals.theme import LINE, NORMAL, SMALL

_MOST_ROWS = 40  # more than these are folded


def timeline(
    calls: Iterable[Call],
    title: str = "What happened",
    caption: str | None = None,
    lanes: Sequence[str] | None = None,
    highlight: Iterable[int | str] = (),
    with_setup: bool = False,
    visibility_timeout: int | None = None,
    names: Iterable[str] = (),
) -> Picture:
    """Draw recorded AWS calls (``account.calls``) as a space-time diagram.

    Times are whole seconds of emulated time since the first call shown. An amber bar beside a queue
    shows how long a received message stayed hidden from others. Runs of the same call become one
    arrow (×200), and in a history of more than 40 rows each busy stretch is told in turns.

    ``lanes``: names of callers and resources in the order to draw them; the rest follow.
    ``highlight``: what to point at: numbers as drawn, or whole names such as ``"order 17"``,
    ``"kitchen"``, ``"DeleteMessage"``, ``"killed after"``.
    ``with_setup``: also draw calls that succeeded and only made, configured or listed things.
    ``visibility_timeout``: the queues' setting in seconds. Calls do not tell it; without it, a
    message not deleted is shown as hidden until it is next received.
    ``names``: what to call the messages, in the order in which they were sent (or first appear in
    ``calls``), where several belong to one order. Those without a name here keep that of their order.
    """
    history = tell(calls, lanes, highlight, with_setup, visibility_timeout, _MOST_ROWS, names)
    layout = Layout(history)
    pen = Canvas()
    if history.rows:
        _draw(pen, layout)
    else:
        pen.text(12, 24, "No calls were recorded.", "muted")
    return Picture(title, caption, sentences(history), str(pen), layout.width, layout.height)


def _draw(pen: Canvas, at: Layout) -> None:
    rows = list(zip(at.history.rows, at.places, strict=True))
    for row, place in rows:
        if row.marked:
            pen.rect(3, place.top, at.width - 6, place.bottom - place.top - 2, "band", 3)
            pen.rect(3, place.top, 4, place.bottom - place.top - 2, "call-fill", 1)
    for lane, x in at.x.items():
        for top, bottom in at.life[lane]:
            pen.line(x, top, x, bottom, "lane")
    _draw_stretches(pen, at)
    for span, slot in zip(at.history.hidden, at.slots, strict=True):
        _draw_hidden(pen, at, span, slot)
    _draw_counts(pen, at)
    for row, place in rows:
        if place.pause:
            _draw_pause(pen, at, place)
        _draw_row(pen, at, row, place)
    for top in (0, at.end) if at.repeats else (0,):
        for lane in at.history.lanes:
            at.shapes[lane].draw(pen, at.x[lane], top + at.head / 2)
    for i, text in enumerate(at.notes):
        y = at.foot + 18 * (i + 1)
        if text.startswith("hidden"):
            pen.rect(12, y - 10, BAR, 12, "hidden-bar", 1)
        pen.text(28, y, text, "small muted")


def _draw_stretches(pen: Canvas, at: Layout) -> None:
    """Put a frame round each stretch that is told in turns."""
    rows = at.history.rows
    for mark in dict.fromkeys(row.folded for row in rows if row.folded):
        places = [p for p, row in zip(at.places, rows, strict=True) if row.folded == mark]
        told = [n for row in rows if row.folded == mark for n in row.numbers]
        top = places[0].top - 20
        pen.rect(4, top, at.width - 8, places[-1].bottom - top + 2, "frame", 4)
        text = f"{min(told)}–{max(told)}: {len(told)} calls, in turns"
        pen.text(10, top + 15, text, "strong small halo")


def _draw_hidden(pen: Canvas, at: Layout, span: Hidden, slot: int) -> None:
    """Draw a bar beside the queue; one whose end was not seen is dashed, up to the next pause."""
    x = at.x[span.queue] - BAR / 2 + slot * SLOT
    last = span.last
    start, later = at.places[span.start].arrow, at.places[span.start + 1 : last.end + 1]
    if last.ended == "":
        end = min([place.cut for place in later if place.pause], default=at.end)
    elif last.ended == "visible" and later[-1].pause:
        end = later[-1].cut
    elif last.ended in ("visible", "again"):  # it shows up again before it is received
        end = later[-1].top + 3
    else:
        end = later[-1].arrow
    dashed = "" if last.ended else " dashed"
    pen.rect(x, start, BAR, max(end - start, 6), "hidden-bar" + dashed, 1)


def _draw_counts(pen: Canvas, at: Layout) -> None:
    """Write how many are hidden beside the head of each bar, and where deletes leave some of it."""
    counts: Counter[tuple[Lane, int]] = Counter()
    for span in at.history.hidden:
        deletes = {gone.end for gone in span.gone if gone.ended == "deleted"} - {span.last.end}
        for i in (span.start, *deletes):
            counts[span.queue, i] += sum(gone.end > i for gone in span.gone)
    for (queue, i), count in counts.items():
        row, y = at.history.rows[i], at.places[i].arrow + 15
        words = "hidden" if count == 1 and row.reads else f"{count} hidden"
        halo = "halo" + " on-band" * row.marked
        if at.x[row.caller] > at.x[queue]:  # on the side where the arrow is not
            pen.text(at.x[queue] - 8, y, words, f"small hidden end {halo}")
        else:
            pen.text(at.right_of(queue) + 4, y, words, f"small hidden {halo}")


def _draw_pause(pen: Canvas, at: Layout, place: Place) -> None:
    """Break every lane and bar where time passes without a call."""
    y = place.cut
    for lane, x in at.x.items():
        if not any(top < y < bottom for top, bottom in at.life[lane]):
            continue
        left, right = x - 9, max(x, at.right_of(lane) - 5) + 9
        upper = f"M{number(left)} {number(y)} L{number(right)} {number(y - 6)}"
        pen.path(f"{upper} v6 L{number(left)} {number(y + 6)} Z", "paper")
        for shift in (0, 6):
            pen.line(left, y + shift, right, y + shift - 6, "lane")
    pen.text(6, y + 4, place.pause, "small muted strong")


def _draw_row(pen: Canvas, at: Layout, row: Row, place: Place) -> None:
    if numbers(row):
        pen.text(at.gutter - 2, place.top + 13, numbers(row), "strong end")
    for i, time in enumerate(place.times):
        pen.text(at.gutter - 2, place.top + 28 + i * 14, time, "small muted end")
    source = at.x[row.moved_from or row.caller]
    *nearer, farthest = sorted(row.resources, key=lambda lane: abs(at.x[lane] - source))
    _draw_arrow(pen, row, source, _meeting_point(at, farthest, source), place.arrow)
    for lane in nearer:
        pen.head((_meeting_point(at, lane, source), place.arrow), (source, place.arrow), "call")
    _draw_labels(pen, at, row, place, source, at.x[farthest])


def _meeting_point(at: Layout, lane: Lane, source: float) -> float:
    """Return where an arrow meets a lane: at its line, or at the first bar on it."""
    x = at.x[lane]
    if x == source:  # it calls itself
        return x + 34
    beside = BAR / 2 if at.bars_on(lane) else 0
    return x - beside if x > source else x + beside


def _draw_arrow(pen: Canvas, row: Row, caller: float, resource: float, y: float) -> None:
    way = 1 if resource > caller else -1
    near, far = caller + way, resource - way
    outcome = row.first.outcome

    def arrow(start: float, tip: float, sign: str, classes: str = "line") -> None:
        pen.line(start, y, tip - (3 if tip > start else -3), y, f"{sign}-{classes}")
        pen.head((tip, y), (start, y), sign)

    if row.moved_from:
        arrow(near, far, "ink", "line dashed")
    elif outcome == "killed before":
        pen.line(near, y, near + 0.45 * (far - near), y, "fail-line dashed")
        pen.cross(caller, y)
    elif outcome == "killed after":
        arrow(near, far, "call")
        pen.cross(caller, y)
    elif outcome == "reply lost":
        half = (near + far) / 2
        arrow(near, far, "call")
        pen.line(far, y + 9, half, y + 9, "fail-line dashed")
        pen.cross(half, y + 9, size=4)
    elif outcome not in ("ok", "stale"):
        pen.line(near, y, far - way * 7, y, "fail-line")
        pen.cross(far - way * 5, y, size=4.5)
    elif row.empty:
        arrow(far, near, "muted", "line dashed")
    elif row.reads:
        arrow(far, near, "call")
    else:
        arrow(near, far, "call")


def _draw_labels(
    pen: Canvas, at: Layout, row: Row, place: Place, source: float, target: float
) -> None:
    """Write the operation above the arrow; what it was about and how it went, below."""
    low, high = sorted((source, target if target != source else source + 34))
    stops = sorted({low, high, *(x for x in at.x.values() if low < x < high)})
    gaps = sorted(pairwise(stops), key=lambda gap: abs(sum(gap) / 2 - source))
    left, right = max(gaps, key=lambda gap: round(gap[1] - gap[0]))  # no line through the words
    bars = {at.x[lane]: at.right_of(lane) for lane in at.x if at.bars_on(lane)}
    halo = " center halo" + " on-band" * row.marked

    def write(
        y: float, text: str, size: float, classes: str, most: float = WIDEST, full: str = ""
    ) -> None:
        shown = fit(text, most, size)
        half = text_width(shown, size, "strong" in classes) / 2
        centre = min((left + right) / 2, at.width - 5 - half)
        if right in bars:  # words may cross a lane's line, but not a hidden bar
            centre = min(centre, right - 8 - half)
        centre = max(centre, at.gutter + 6 + half)
        if left in bars:
            centre = max(centre, bars[left] + 4 + half)
        pen.text(centre, y, shown, classes + halo, full=full or text)

    write(place.arrow - 6, operation(row), NORMAL, "")
    y = place.arrow + 15 + (9 if row.first.outcome == "reply lost" else 0)
    if what(row):
        write(y, what(row), SMALL, "small muted", full=row.what)
        y += LINE
    remark = note(row)
    if remark:
        write(y, remark[1], SMALL, f"small strong {remark[0]}", most=400)
