"""A small SVG pen: text that is measured, cut and escaped; lines, arrows, crosses."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from visuals.theme import NORMAL

Point = tuple[float, float]

# Advance widths in em of DejaVu Sans, the widest of the fonts that pages commonly use: what fits by
# these fits by the others.
_WIDTHS = {
    **dict.fromkeys("ijl'|.,:; !I", 0.33),
    **dict.fromkeys('ftrJ()[]-/\\"', 0.42),
    **dict.fromkeys("mMwW@%+=<>…×→", 0.92),
    **dict.fromkeys("ABCDEGHKNOPQRSTUVXYZ&", 0.72),
}


def clean(text: object) -> str:
    """Return the text without the characters that XML forbids."""
    return re.sub(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", str(text))


def text_width(text: str, size: float = NORMAL, bold: bool = False) -> float:
    """Return the width of the text in pixels, rather too wide than too narrow."""
    em = sum(
        1.0 if unicodedata.east_asian_width(c) in "WF" or ord(c) > 0x2500 else _WIDTHS.get(c, 0.62)
        for c in text
    )
    return em * size * (1.08 if bold else 1)


def fit(text: str, width: float, size: float = NORMAL, bold: bool = False) -> str:
    """Return the text, cut to the width with an ellipsis where it is longer."""
    if text_width(text, size, bold) <= width:
        return text
    while text and text_width(text + "…", size, bold) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def wrap(
    text: str, width: float, size: float = NORMAL, bold: bool = False, lines: int = 99
) -> list[str]:
    """Break the text after spaces, hyphens and dots into at most ``lines`` lines of this width."""
    rows = [""]
    pieces = re.findall(r"[^\s._/-]*[._/-]|[^\s._/-]+\s*|\s+", text)
    for i, piece in enumerate(pieces):
        if not rows[-1] or text_width((rows[-1] + piece).rstrip(), size, bold) <= width:
            rows[-1] += piece
        elif len(rows) == lines:
            rows[-1] += "".join(pieces[i:])
            break
        else:
            rows.append(piece)
    return [fit(row.strip(), width, size, bold) for row in rows]


def number(value: float) -> str:
    """Write a coordinate: at most one decimal, no ``-0``."""
    return f"{round(value, 1) + 0:g}"


class Canvas:
    """Collects SVG elements; coordinates are pixels from the top left."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def __str__(self) -> str:
        return "\n".join(self.parts)

    def element(
        self, name: str, classes: str, content: str | None = None, **attributes: object
    ) -> None:
        """Add one element; numbers are rounded, everything else is escaped."""
        written = "".join(
            f" {key.replace('_', '-')}="
            + quoteattr(number(v) if isinstance(v, (int, float)) else clean(v))
            for key, v in attributes.items()
        )
        css = " ".join(f"v-{c}" for c in classes.split())
        close = "/>" if content is None else f">{content}</{name}>"
        self.parts.append(f'<{name} class="{css}"{written}{close}')

    def text(self, x: float, y: float, text: str, classes: str = "", full: str = "") -> None:
        """Write one line with its baseline at y; ``full`` is shown on hover where text was cut."""
        hover = f"<title>{escape(clean(full))}</title>" if full and full != text else ""
        self.element("text", classes, escape(clean(text)) + hover, x=x, y=y)

    def line(self, x1: float, y1: float, x2: float, y2: float, classes: str) -> None:
        self.element("line", classes, x1=x1, y1=y1, x2=x2, y2=y2)

    def rect(
        self, x: float, y: float, width: float, height: float, classes: str, r: float = 0
    ) -> None:
        self.element("rect", classes, x=x, y=y, width=width, height=height, rx=r)

    def path(self, d: str, classes: str) -> None:
        """Draw a path given in SVG's own notation, its coordinates already written."""
        self.element("path", classes, d=d)

    def polyline(self, points: Sequence[Point], classes: str) -> None:
        self.path("M" + " L".join(f"{number(x)} {number(y)}" for x, y in points), classes)

    def head(self, tip: Point, came_from: Point, sign: str, size: float = 8) -> None:
        """Draw an arrowhead at ``tip`` for a line that comes from ``came_from``."""
        angle = math.atan2(tip[1] - came_from[1], tip[0] - came_from[0])
        wings = [
            (tip[0] - size * math.cos(angle + turn), tip[1] - size * math.sin(angle + turn))
            for turn in (0.42, -0.42)
        ]
        points = " L".join(f"{number(x)} {number(y)}" for x, y in (tip, *wings))
        self.path(f"M{points} Z", f"{sign}-fill")

    def cross(self, x: float, y: float, sign: str = "fail", size: float = 6) -> None:
        """Draw a thick ✕, the sign of a death or a refusal."""
        for classes in ("halo-line", f"{sign}-line thick"):
            self.line(x - size, y - size, x + size, y + size, classes)
            self.line(x - size, y + size, x + size, y - size, classes)
