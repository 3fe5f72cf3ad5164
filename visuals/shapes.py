"""The shapes of a system's parts, the same in maps and at the head of a timeline's lanes."""

from __future__ import annotations

import re

from visuals.canvas import Canvas, number, text_width, wrap
from visuals.theme import LINE, NORMAL, SMALL

_PAD = 10  # between the text and the outline

# What a part may be (anything else is drawn as a plain box), and the room in pixels that its
# outline takes from the text, left and right.
KINDS = {
    "service": (0, 0),
    "function": (14, 0),
    "queue": (4, 10),
    "dead-letter queue": (4, 24),
    "table": (10, 0),
    "bucket": (8, 8),
    "topic": (0, 14),
    "event bus": (10, 10),
    "stream": (8, 8),
    "state machine": (6, 6),
    "API": (8, 0),
    "person": (6, 6),
    "HTTP client": (0, 0),
    "external": (0, 0),
    "state": (8, 8),  # no part of a system: what an order or an entry may be
}
_UNSAID = ("service", "state")  # the shape is enough
_TOP = {"person": 14, "HTTP client": 11, "table": 6}  # room that the outline takes above the text


class Shape:
    """One part's shape, its name inside and, unless the shape is enough, the word for its kind."""

    def __init__(self, name: str, kind: str, text_space: float) -> None:
        """Lay the text out in lines of ``text_space`` pixels; a long word may take half more."""
        words = re.split(r"(?<=[\s._/-])", name)
        longest = max(text_width(word, NORMAL, bold=True) for word in words)
        text_space = max(text_space, min(longest + 1, 1.5 * text_space))
        self.name, self.kind = name, kind
        self.lines = wrap(name, text_space, NORMAL, bold=True, lines=3)
        self.words = [] if kind in _UNSAID else wrap(kind, text_space, SMALL, lines=2)
        widths = [text_width(line, NORMAL, bold=True) for line in self.lines]
        widths += [text_width(word, SMALL) for word in self.words]
        self.width = max(max(widths) + 2 * _PAD + sum(KINDS.get(kind, (0, 0))), 72)
        text = len(self.lines) + len(self.words)
        self.height = LINE * text + 14 + _TOP.get(kind, 0)

    def draw(self, canvas: Canvas, cx: float, cy: float, marked: bool = False) -> None:
        """Draw it around its centre."""
        x, y = cx - self.width / 2, cy - self.height / 2
        _outline(canvas, self.kind, x, y, self.width, self.height, " marked" if marked else "")
        left, right = KINDS.get(self.kind, (0, 0))
        middle = cx + (left - right) / 2
        at = y + 7 + _TOP.get(self.kind, 0) + 11.5
        for line in self.lines:
            canvas.text(middle, at, line, "strong center")
            at += LINE
        for word in self.words:
            canvas.text(middle, at, word, "small muted center")
            at += LINE


def _outline(pen: Canvas, kind: str, x: float, y: float, w: float, h: float, mark: str) -> None:
    box, open_, detail = "box" + mark, "open" + mark, "detail" + mark
    right, bottom, middle = x + w, y + h, y + h / 2
    if kind == "function":
        pen.rect(x, y, w, h, box, 6)
        pen.text(x + 8, middle + 5, "λ", "title muted")
    elif kind in ("queue", "dead-letter queue"):
        arc = f"A7 {number(h / 2)} 0 0"
        tube = f"M{_p(x + 7, y)} H{number(right - 7)} {arc} 1 {_p(right - 7, bottom)}"
        pen.path(f"{tube} H{number(x + 7)} {arc} 1 {_p(x + 7, y)} Z", open_)
        pen.path(f"M{_p(right - 7, y)} {arc} 0 {_p(right - 7, bottom)}", detail)
        if kind == "dead-letter queue":
            pen.cross(right - 24, middle, size=4)
    elif kind == "table":
        pen.rect(x, y, w, h, open_, 2)
        pen.polyline([(x, y + 7), (right, y + 7)], detail)
        pen.polyline([(x + 10, y), (x + 10, bottom)], detail)
    elif kind == "bucket":
        pen.path(f"M{_p(x, y)} H{number(right)} L{_p(right - 8, bottom)} H{number(x + 8)} Z", open_)
    elif kind == "topic":
        tip = f"L{_p(right, middle)} L{_p(right - 14, bottom)}"
        pen.path(f"M{_p(x, y)} H{number(right - 14)} {tip} H{number(x)} Z", open_)
    elif kind == "event bus":
        points = [(x, middle), (x + 12, y), (right - 12, y), (right, middle)]
        points += [(right - 12, bottom), (x + 12, bottom)]
        pen.path("M" + " L".join(_p(*p) for p in points) + " Z", open_)
    elif kind == "stream":
        points = [(x + 10, y), (right, y), (right - 10, bottom), (x, bottom)]
        pen.path("M" + " L".join(_p(*p) for p in points) + " Z", open_)
    elif kind == "state machine":
        pen.rect(x, y, w, h, open_, 4)
        pen.rect(x + 4, y + 4, w - 8, h - 8, detail, 2)
    elif kind == "API":
        pen.rect(x, y, w, h, open_, 2)
        pen.polyline([(x + 8, y), (x + 8, bottom)], detail)
    elif kind == "person":
        head, shoulders = x + w / 2, y + 16
        sides = f"M{_p(x, bottom)} V{number(shoulders + 14)} Q{_p(x, shoulders)}"
        over = f"{_p(x + 16, shoulders)} H{number(right - 16)} Q{_p(right, shoulders)}"
        pen.path(f"{sides} {over} {_p(right, shoulders + 14)} V{number(bottom)} Z", box)
        pen.element("circle", box, cx=head, cy=y + 8, r=8)
    elif kind == "HTTP client":
        pen.rect(x, y, w, h, box, 5)
        pen.polyline([(x, y + 12), (right, y + 12)], detail)
        for i in range(3):
            pen.element("circle", "muted-fill", cx=x + 8 + 8 * i, cy=y + 6, r=1.8)
    elif kind == "state":
        pen.rect(x, y, w, h, open_, h / 2)
    else:
        pen.rect(x, y, w, h, box + (" dashed" if kind == "external" else ""), 6)


def _p(x: float, y: float) -> str:
    return f"{number(x)} {number(y)}"
