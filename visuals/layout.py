"""Where everything of a timeline goes: lanes from left to right, rows from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass

from visuals.canvas import text_width
from visuals.history import DEATHS, History, Lane, Row
from visuals.shapes import Shape
from visuals.telling import duration, note, signed
from visuals.theme import LINE, NORMAL, SMALL

BAR, SLOT = 8, 11  # width of a hidden bar, and from one to the next
_SLOTS = 5  # hidden bars side by side on one queue
WIDEST = 190  # what is written at an arrow is no wider
_LONG = 5  # seconds from which a pause is marked
_REPEAT_HEADS = 18  # rows from which the heads are repeated at the foot
_HIDDEN_WORD = text_width("10 hidden", SMALL) + 10


@dataclass
class Place:
    """Where one row is."""

    top: float
    arrow: float
    bottom: float
    pause: str = ""  # "30 s later"
    cut: float = 0  # where the lanes are broken for the pause
    times: tuple[str, ...] = ()  # when it began, and ended, where that is news


def operation(row: Row) -> str:
    """Return what is written above a row's arrow."""
    if row.moved_from:
        return "moved by SQS"
    count = len(row.calls)
    if row.empty and count > 1:
        return f"{count} empty receives"
    return row.first.operation + (f" ×{count}" if count > 1 else "")


def what(row: Row) -> str:
    """Return what is written below a row's arrow: the messages, or where they are many, how many."""
    if row.empty and len(row.calls) > 1:
        return ""
    messages = row.moved or {message for call in row.calls for message in call.messages}
    too_long = bool(row.moved_from) or text_width(row.what, SMALL) > WIDEST
    return f"{len(messages)} messages" if len(messages) > 1 and too_long else row.what


def numbers(row: Row) -> str:
    if not row.numbers or row.folded:
        return ""
    first, last = row.numbers[0], row.numbers[-1]
    return str(first) if first == last else f"{first}–{last}"


class Layout:
    """Coordinates in pixels for one history."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.shapes = {lane: Shape(lane.name, lane.kind, 84) for lane in history.lanes}
        self.head = max([shape.height for shape in self.shapes.values()], default=0) + 6
        self.slots = self._slots()
        self.places = self._places()
        self.end = self.places[-1].bottom + 6 if self.places else 40
        self.repeats = len(self.places) > _REPEAT_HEADS
        self.foot = self.end + (self.head if self.repeats else 0)
        self.notes = self._notes()
        self.height = self.foot + len(self.notes) * 18 + 10
        self.gutter = 10 + max(
            [text_width(time, SMALL) for place in self.places for time in place.times]
            + [text_width(numbers(row), NORMAL, bold=True) for row in history.rows],
            default=0,
        )
        self.x = self._lanes()
        self.width = self._width()
        self.life = {lane: self._life(lane) for lane in history.lanes}

    def bars_on(self, lane: Lane) -> int:
        """Return how many hidden bars stand side by side on a lane."""
        spans = zip(self.history.hidden, self.slots, strict=True)
        return max([slot + 1 for span, slot in spans if span.queue == lane], default=0)

    def right_of(self, lane: Lane) -> float:
        """Return where a lane's hidden bars end, on its right."""
        bars = self.bars_on(lane)
        return self.x[lane] + (bars and BAR / 2 + SLOT * (bars - 1) + 1)

    def is_folded_with(self, i: int, other: int) -> bool:
        """Tell whether two rows belong to the same stretch that is told in turns."""
        rows = self.history.rows
        both = 0 <= other < len(rows) and rows[i].folded > 0
        return both and rows[other].folded == rows[i].folded

    def _slots(self) -> list[int]:
        busy: dict[tuple[Lane, int], int] = {}
        slots = []
        for span in self.history.hidden:
            slot = 0
            while slot < _SLOTS - 1 and busy.get((span.queue, slot), -1) > span.start:
                slot += 1
            busy[(span.queue, slot)] = max(span.last.end, busy.get((span.queue, slot), -1))
            slots.append(slot)
        return slots

    def _places(self) -> list[Place]:
        places: list[Place] = []
        y, latest, shown = self.head + 6, 0, ""
        for i, row in enumerate(self.history.rows):
            place = Place(0, 0, 0)
            inside = self.is_folded_with(i, i - 1)
            if not (row.moved_from or inside):
                told = [r for r in self.history.rows if row.folded and r.folded == row.folded]
                seconds = [self.history.seconds(c) for r in told or [row] for c in r.calls]
                if places and min(seconds) - latest >= _LONG:
                    place.pause = f"{duration(min(seconds) - latest)} later"
                    place.cut = y + 14
                    y += 28
                first, last = signed(min(seconds)), signed(max(seconds))
                place.times = (first,) if first != shown or last != first else ()
                place.times += (last,) if last != first else ()
                latest = max(latest, *seconds)
                shown = signed(latest)
            y += 22 if row.folded and not inside else 0
            place.top, place.arrow = y, y + 20
            lines = bool(what(row)) + bool(note(row)) + 0.6 * (row.first.outcome == "reply lost")
            y = place.arrow + 12 + LINE * max(lines, len(place.times) - 1)
            place.bottom = y
            y += 8 if row.folded and not self.is_folded_with(i, i + 1) else 0
            places.append(place)
        return places

    def _lanes(self) -> dict[Lane, float]:
        rows, lanes = self.history.rows, self.history.lanes
        pauses = [text_width(place.pause, SMALL, bold=True) - 18 for place in self.places]
        start = max([self.gutter, *pauses]) + 4
        x: dict[Lane, float] = {}
        for lane, before in zip(lanes, [None, *lanes], strict=False):
            half = self.shapes[lane].width / 2
            if before is None:
                x[lane] = start + max(half, _HIDDEN_WORD * (self.bars_on(lane) > 0))
                continue
            heads = self.shapes[before].width / 2 + half + 10
            labels = [_label_width(row) for row in rows if {before, lane} <= _ends(row)]
            beside = 16 if self.bars_on(before) or self.bars_on(lane) else 8
            room = min(max(labels, default=0) + beside, 180)
            room += SLOT * max(self.bars_on(before) - 1, 0)
            x[lane] = x[before] + max(heads, room, 88)
        return x

    def _width(self) -> float:
        most = 200.0
        for lane, x in self.x.items():
            bars = self.bars_on(lane)
            word = SLOT * bars + _HIDDEN_WORD if bars else 0
            most = max(most, x + max(self.shapes[lane].width / 2, word) + 6)
        labels = [_label_width(row) + self.gutter + 12 for row in self.history.rows]
        notes = [text_width(text, SMALL) + 36 for text in self.notes]
        return max([most, *labels, *notes])

    def _life(self, lane: Lane) -> list[tuple[float, float]]:
        """Return where a lane's line runs; a killed caller's stops until its next call."""
        reach = (self.head + self.shapes[lane].height) / 2
        end = self.foot - reach if self.repeats else self.end
        top: float | None = reach
        lines = []
        for row, place in zip(self.history.rows, self.places, strict=True):
            if row.caller != lane or row.moved_from:
                continue
            top = place.arrow - 6 if top is None else top
            if row.first.outcome in DEATHS:
                lines.append((top, place.arrow))
                top = None
        return lines if top is None else [*lines, (top, end)]

    def _notes(self) -> list[str]:
        hidden = self.history.hidden
        notes = ["hidden: received, not yet deleted"] if hidden else []
        if any(not span.last.ended for span in hidden):
            notes[0] += " (dashed: its end was not recorded)"
        if self.history.left_out:
            s = "" if self.history.left_out == 1 else "s"
            notes.append(f"{self.history.left_out} set-up call{s} not shown")
        return notes


def _ends(row: Row) -> set[Lane]:
    return {row.moved_from or row.caller, *row.resources}


def _label_width(row: Row) -> float:
    widths = [text_width(operation(row)), text_width(what(row), SMALL)]
    remark = note(row)
    return max(min(max(widths), WIDEST), text_width(remark[1], SMALL, bold=True) if remark else 0)
