"""A list of yes-or-no questions to walk down; the first yes is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets

from visuals.canvas import Canvas, wrap
from visuals.knobs import shown_with
from visuals.picture import Picture, scope_of
from visuals.theme import LINE, NORMAL, SMALL, style

_WIDTH, _BOX, _LEAF = 340, 184, 112  # a phone's width, a question, an answer
_PAD = 8
_WALK_RULES = """
.@ .v-step { margin: 0 0 .5em; }
.@ fieldset { border: 0; margin: 0; padding: 0; }
.@ legend { padding: 0; margin: 0; font-size: 1em; font-weight: 600; width: auto; float: none; }
.@ label { font-size: .95em; margin: 0 1.2em 0 0; }
.@ .v-leaf { border-left: 3px solid var(--v-call); margin: .25em 0 .75em; padding: .1em 0 .1em .75em; }
.@ .v-leaf p { margin: 0; }
.@ form { margin: 0; }
.@ button { font: inherit; font-size: .9em; }
"""


@dataclass(frozen=True)
class Step:
    """A question; a yes ends the walk at ``answer``, which ``why`` explains in a sentence or two."""

    question: str
    answer: str
    why: str


class Decision:
    """A walk down the questions, and a drawing of all of them; a notebook shows both.

    Like the playgrounds, it works in a published page without a kernel or a script.
    """

    def __init__(
        self, title: str, steps: Sequence[Step], otherwise: Step, caption: str = ""
    ) -> None:
        """``otherwise`` is where a no to every question leads; its ``question`` is not asked."""
        self.title, self.caption = title, caption
        self.steps, self.otherwise = list(steps), otherwise

    @property
    def picture(self) -> Picture:
        """All questions and answers in one drawing."""
        pen = Canvas()
        y = 8.0
        middle = _PAD + _BOX / 2
        for number, step in enumerate(self.steps, 1):
            lines = wrap(f"{number}. {step.question}", _BOX - 2 * _PAD, NORMAL)
            leaf = wrap(step.answer, _LEAF - 2 * _PAD, NORMAL, bold=True)
            height = max(len(lines), len(leaf)) * LINE + 14
            self._box(pen, _PAD, y, _BOX, height, lines, "box")
            self._box(pen, _WIDTH - _LEAF - 2, y, _LEAF, height, leaf, "open", bold=True)
            start, end = _PAD + _BOX, _WIDTH - _LEAF - 2
            pen.line(start, y + height / 2, end - 3, y + height / 2, "call-line")
            pen.head((end, y + height / 2), (start, y + height / 2), "call")
            pen.text((start + end) / 2 - 2, y + height / 2 - 5, "yes", "small strong call center")
            y += height
            pen.line(middle, y, middle, y + 19, "ink-line")
            pen.head((middle, y + 22), (middle, y), "ink")
            pen.text(middle + 8, y + 15, "no", "small strong")
            y += 22
        last = wrap(self.otherwise.answer, _BOX - 2 * _PAD, NORMAL, bold=True)
        height = len(last) * LINE + 14
        self._box(pen, _PAD, y, _BOX, height, last, "open", bold=True)
        told = [f"{len(self.steps)} questions; the first yes is the answer."]
        told += [f"{n}. {s.question} Yes: {s.answer}." for n, s in enumerate(self.steps, 1)]
        told.append(f"No to all of them: {self.otherwise.answer}.")
        height_of_all = y + height + SMALL
        return Picture(self.title, self.caption, tuple(told), str(pen), _WIDTH, height_of_all)

    @staticmethod
    def _box(
        pen: Canvas,
        x: float,
        y: float,
        width: float,
        height: float,
        lines: list[str],
        kind: str,
        bold: bool = False,
    ) -> None:
        pen.rect(x, y, width, height, kind, 5)
        top = y + (height - len(lines) * LINE) / 2
        for i, line in enumerate(lines):
            centred = "strong center" if bold else ""
            pen.text(x + (width / 2 if bold else _PAD), top + i * LINE + 11.5, line, centred)

    @property
    def html(self) -> str:
        """The walk and the drawing, for a page without a kernel."""
        scope = scope_of(self.title, self.steps, self.otherwise)
        rules = style(scope, figure=True) + _WALK_RULES.replace(".@", f".{scope}")
        walk, before = [], ""
        for i, step in enumerate(self.steps):
            yes, no = f"{scope}-{i}-yes", f"{scope}-{i}-no"
            buttons = "".join(
                f'<label><input type="radio" id="{ident}" name="{scope}-{i}"> {word}</label>'
                for ident, word in ((yes, "Yes"), (no, "No"))
            )
            legend = f"<legend>{i + 1}. {escape(step.question)}</legend>"
            walk.append(
                f'<div class="v-step v-step-{i}"><fieldset>{legend}{buttons}</fieldset></div>'
                f'<div class="v-leaf v-leaf-{i}">{self._leaf(step)}</div>'
            )
            rules += self._shown_if(scope, f"v-step-{i}", before)
            rules += self._shown_if(scope, f"v-leaf-{i}", f"{before}:has(#{yes}:checked)")
            before += f":has(#{no}:checked)"
        end = len(self.steps)
        walk.append(f'<div class="v-leaf v-leaf-{end}">{self._leaf(self.otherwise)}</div>')
        rules += self._shown_if(scope, f"v-leaf-{end}", before)
        again = '<button type="reset">Start again</button>'
        return (
            f'<div class="{scope}"><style>{rules}</style>\n<form>{"".join(walk)}{again}</form>\n'
            f"{self.picture.figure(scope)}</div>"
        )

    @staticmethod
    def _shown_if(scope: str, part: str, chosen: str) -> str:
        """Hide the part until the choices are made; a browser without :has shows everything."""
        if not chosen:
            return ""
        return (
            f"\n@supports selector(:has(a)) {{ .{scope} .{part} {{ display: none; }}"
            f" .{scope}{chosen} .{part} {{ display: block; }} }}"
        )

    @staticmethod
    def _leaf(step: Step) -> str:
        return f"<p><strong>{escape(step.answer)}.</strong> {escape(step.why)}</p>"

    def widget(self) -> ipywidgets.Widget:
        """Return the walk with a button for each answer; the next question follows a no."""
        asked = [ipywidgets.ToggleButtons(options=["Yes", "No"], value=None) for _ in self.steps]
        texts = [
            ipywidgets.HTML(f"<strong>{i}. {escape(step.question)}</strong>")
            for i, step in enumerate(self.steps, 1)
        ]
        answer = ipywidgets.HTML()
        shown = ipywidgets.VBox()

        def walk(_change: object = None) -> None:
            parts: list[ipywidgets.Widget] = []
            found: Step | None = self.otherwise
            for step, text, buttons in zip(self.steps, texts, asked, strict=True):
                parts += [text, buttons]
                if buttons.value != "No":
                    found = step if buttons.value == "Yes" else None
                    break
            answer.value = self._leaf(found) if found else ""
            shown.children = [*parts, answer]

        for buttons in asked:
            buttons.observe(walk, names="value")
        walk()
        return ipywidgets.VBox([shown, ipywidgets.HTML(self.picture.html)])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return shown_with(self.html, repr(self), self.widget)

    def __repr__(self) -> str:
        return f"<Decision: {self.title}>"
