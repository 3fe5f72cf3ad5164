"""A bench for patterns: which event passes which filter, asked of whatever does the filtering."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets

from visuals.canvas import clean
from visuals.knobs import PAGE_RULES, shown_with
from visuals.picture import scope_of
from visuals.theme import style

Matcher = Callable[[str, str], bool]
_LINE = 40  # characters that a phone shows side by side
_RULES = (
    PAGE_RULES
    + """
.@ pre { color: inherit; background: var(--v-tint); border: 0; border-radius: 5px;
  font-size: .85em; line-height: 1.4; margin: .4em 0; padding: .5em .75em; overflow-x: auto; }
.@ table { border-collapse: collapse; font-size: .9em; margin: .4em 0; width: auto;
  color: inherit; }
.@ th, .@ td { background: none; border: 0; border-bottom: 1px solid var(--v-line);
  color: inherit; padding: .2em .9em .2em 0; text-align: left; vertical-align: top; }
.@ .v-passes { color: var(--v-call); font-weight: 600; }
.@ .v-stays { color: var(--v-muted); }
.@ .v-refused { color: var(--v-fail); }
.@ .v-heading { font-weight: 600; margin: 0 0 .3em; }
@supports not selector(:has(a)) { .@ .v-setting { display: block; } }
"""
)


class PatternTester:
    """Patterns tried on events; a notebook shows it by itself.

    JupyterLab with a kernel gets two boxes to write in, one for the pattern and one for the event.
    Everything else gets ``html``, which needs no kernel or script: the patterns to choose from, and
    beside each event whether it passes.
    """

    def __init__(
        self,
        title: str,
        matchers: Mapping[str, Matcher],
        patterns: Mapping[str, Any],
        events: Mapping[str, Any],
    ) -> None:
        """``patterns`` and ``events``: anything that JSON can say, by the name to show it under.

        Each of the ``matchers`` is given a pattern and an event as JSON text and says whether it
        passes; what it raises is shown as its answer. ValueError if one of the three is empty.
        """
        if not (matchers and patterns and events):
            raise ValueError("Give at least one matcher, one pattern and one event.")
        self.title, self.matchers = title, dict(matchers)
        self.patterns = {name: _written(pattern) for name, pattern in patterns.items()}
        self.events = {name: _written(event) for name, event in events.items()}

    def verdict(self, matcher: str, pattern: str, event: str) -> tuple[str, str]:
        """Return ``passes``, ``stays`` or ``refused`` and, for the last, what was wrong."""
        try:
            return ("passes" if self.matchers[matcher](pattern, event) else "stays"), ""
        except Exception as error:  # whatever a reader writes, the bench must not break
            return "refused", str(error) or type(error).__name__

    @property
    def html(self) -> str:
        """The bench without a kernel."""
        blocks = [self._block(pattern) for pattern in self.patterns.values()]
        scope = scope_of(self.title, blocks, self.events)
        rules = style(scope, figure=True) + _RULES.replace(".@", f".{scope}")
        buttons, settings = [], []
        for i, (name, block) in enumerate(zip(self.patterns, blocks, strict=True)):
            mark = f"{scope}-pattern-{i}"
            checked = " checked" * (i == 0)
            button = f'<input type="radio" id="{mark}" name="{scope}-pattern"{checked}>'
            buttons.append(f"<label>{button} {_html(name)}</label>")
            opening = " v-opening" * (i == 0)
            settings.append(f'<div class="v-setting v-{i}{opening}">{block}</div>')
            rules += f"\n.{scope}:has(#{mark}:checked) .v-setting.v-{i} {{ display: block; }}"
        events = "".join(
            f"<p>{_html(name)}</p><pre>{_html(event)}</pre>" for name, event in self.events.items()
        )
        return (
            f'<div class="{scope}"><style>{rules}</style>'
            f'<p class="v-heading">{_html(self.title)}</p>'
            f"<fieldset><legend>Pattern</legend>{''.join(buttons)}</fieldset>\n"
            f"{''.join(settings)}\n<details><summary>The events</summary>{events}</details></div>"
        )

    def _block(self, pattern: str) -> str:
        heads = "".join(f'<th scope="col">{_html(name)}</th>' for name in self.matchers)
        rows = "".join(
            f'<tr><th scope="row">{_html(name)}</th>'
            + "".join(f"<td>{_cell(*self.verdict(m, pattern, event))}</td>" for m in self.matchers)
            + "</tr>"
            for name, event in self.events.items()
        )
        return (
            f"<pre>{_html(pattern)}</pre><table><thead>"
            f'<tr><th scope="col">Event</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        )

    def widget(self) -> ipywidgets.Widget:
        """Return the two boxes, examples to fill them with, and the answers below."""
        wide = {"width": "min(100%, 40em)"}
        boxes, menus = [], []
        for label, examples in (("Pattern", self.patterns), ("Event", self.events)):
            first = next(iter(examples.values()))
            menu = ipywidgets.Dropdown(
                options=list(examples.items()), value=first, description=label, layout=wide
            )
            box = ipywidgets.Textarea(
                value=first, rows=8, layout=wide, continuous_update=False, description="as JSON"
            )
            menu.observe(lambda change, box=box: setattr(box, "value", change["new"]), "value")
            menus.append(menu)
            boxes.append(box)
        answers = ipywidgets.HTML()

        def ask(_change: object = None) -> None:
            scope = scope_of(self.title, "live")
            told = "".join(
                f'<tr><th scope="row">{_html(name)}</th>'
                f"<td>{_cell(*self.verdict(name, boxes[0].value, boxes[1].value))}</td></tr>"
                for name in self.matchers
            )
            rules = style(scope, figure=True) + _RULES.replace(".@", f".{scope}")
            answers.value = (
                f'<div class="{scope}"><style>{rules}</style><table>{told}</table></div>'
            )

        for box in boxes:
            box.observe(ask, "value")
        ask()
        pairs = zip(menus, boxes, strict=True)
        return ipywidgets.VBox([*(part for pair in pairs for part in pair), answers])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return shown_with(self.html, repr(self), self.widget)

    def __repr__(self) -> str:
        return f"<PatternTester: {self.title}>"


def _written(value: Any, indent: str = "") -> str:
    """Write JSON so that what fits into a line of a phone stays on one."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(indent + line) <= _LINE:
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [
            f"{json.dumps(str(k), ensure_ascii=False)}: {_written(v, inner)}"
            for k, v in value.items()
        ]
    else:
        parts = [_written(v, inner) for v in value]
    start, end = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return f"{start}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{end}"


def _cell(verdict: str, why: str) -> str:
    words = {"passes": "✓ passes", "stays": "– does not", "refused": f"✗ refused: {why}"}
    return f'<span class="v-{verdict}">{_html(words[verdict])}</span>'


def _html(text: str) -> str:
    return escape(clean(text), quote=False)
