"""A picture: SVG that follows the page's theme, and the same in words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from html import escape
from pathlib import Path

from visuals.canvas import Canvas, clean, number, wrap
from visuals.theme import LARGE, NORMAL, style

PHONE = 343  # a picture up to this width needs no scrolling on a phone
_MARGIN = 8
_LEAST = 0.93  # of its width: what the book's column at 1,200 pixels leaves of its widest pictures


@dataclass(frozen=True)
class Picture:
    """A finished drawing of ``width`` × ``height`` pixels, shown by notebooks as it is.

    ``sentences`` say what the drawing says; the first one sums it up. ``narrow`` is the same in
    another drawing, with its width and height, for a screen on which the first had to be scrolled.
    """

    title: str
    caption: str | None
    sentences: tuple[str, ...]
    drawing: str
    width: float
    height: float
    narrow: tuple[str, float, float] | None = None

    def __repr__(self) -> str:
        return f"<Picture: {self.title}>"

    @property
    def alt(self) -> str:
        """The text alternative: everything the picture says, in sentences."""
        return clean(" ".join((self._opening, *self.sentences)))

    @property
    def svg(self) -> str:
        """The picture with title and caption as an SVG file of its own, light or dark."""
        width = max(self.width, 240)
        pen = Canvas()
        y = 0.0
        for line in wrap(self.title, width - 2 * _MARGIN, LARGE, bold=True):
            y += 20
            pen.text(_MARGIN, y, line, "title")
        for line in wrap(self.caption or "", width - 2 * _MARGIN, NORMAL):
            y += 17 if line else 0
            pen.text(_MARGIN, y, line, "muted")
        y += 10
        pen.element("g", "drawing", self.drawing, transform=f"translate(0 {number(y)})")
        css = style(self._scope)
        return self._svg(str(pen), width, y + self.height + _MARGIN, self._scope, css)

    @property
    def html(self) -> str:
        """The picture as an HTML figure; every rule and class in it is its own."""
        return self.figure(self._scope, style(self._scope, figure=True))

    def figure(self, scope: str, css: str = "") -> str:
        """Return the HTML figure for a page that has, or is given, the style sheet of ``scope``."""
        caption = f"<strong>{_html(self.title)}</strong> {_html(self.caption or '')}".strip()
        scroll = ' tabindex="0"' if self.width > PHONE else ""  # so that the keyboard can scroll
        steps = "".join(f"<li>{_html(sentence)}</li>" for sentence in self.sentences[1:])
        words = f"<p>{_html(' '.join(self.sentences[:1]))}</p><ul>{steps}</ul>"
        drawings = [self._svg(self.drawing, self.width, self.height, scope, css)]
        if self.narrow:
            drawings = [
                self._svg(self.drawing, self.width, self.height, f"{scope} v-wide", css),
                self._svg(*self.narrow, f"{scope} v-narrow"),
            ]
        return (
            f'<figure class="{scope}"><figcaption>{caption}</figcaption>\n'
            f'<div class="v-scroll"{scroll}>'
            f"{''.join(drawings)}</div>\n"
            f"<details><summary>The same in words</summary>{words}</details></figure>"
        )

    def _repr_html_(self) -> str:
        return self.html

    def save(self, path: str | Path) -> Path:
        """Write the picture as an SVG file, for a README or an ``<img>``; return its path."""
        path = Path(path)
        path.write_text('<?xml version="1.0" encoding="UTF-8"?>\n' + self.svg, encoding="utf-8")
        return path

    @property
    def _opening(self) -> str:
        return self.title if self.title.endswith((".", "?", "!")) else f"{self.title}."

    @property
    def _scope(self) -> str:
        return scope_of(self.title, self.caption, self.sentences, self.drawing)

    def _svg(self, drawing: str, width: float, height: float, classes: str, css: str = "") -> str:
        w, h = number(width), number(height)
        label = clean(" ".join((self._opening, *self.sentences[:1])))
        rules = f"<style>{css}</style>" if css else ""
        # A little smaller than it was drawn is better than scrolled.
        least = f' style="min-width: {number(_LEAST * width)}px"' if width > PHONE else ""
        paper = f'<rect class="v-paper" width="{w}" height="{h}" rx="6"/>'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{classes}" role="img" '
            f'aria-label="{escape(label)}" width="{w}" height="{h}" viewBox="0 0 {w} {h}"{least}>'
            f"<title>{_html(self.title)}</title><desc>{_html(self.alt)}</desc>"
            f"{rules}\n{paper}\n{drawing}\n</svg>"
        )


def scope_of(*content: object) -> str:
    """Return a CSS class that no other content has, the same whenever it is drawn again."""
    return "v-" + hashlib.sha1(repr(content).encode("utf-8", "replace")).hexdigest()[:10]


def _html(text: str) -> str:
    return escape(clean(text), quote=False)
