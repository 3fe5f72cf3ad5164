"""Knobs above a picture: what any playground needs, with a kernel and without."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import product
from typing import Any

import ipywidgets

from visuals.picture import Picture, scope_of
from visuals.theme import style

PAGE_RULES = """
.@ fieldset { border: 0; margin: 0 0 .25em; padding: 0; display: flex; flex-wrap: wrap;
  gap: .1em .9em; }
.@ legend { padding: 0; font-size: .9em; font-weight: 600; float: left; margin: 0 .9em 0 0;
  width: auto; line-height: 1.5; }
.@ label { font-size: .9em; margin: 0; white-space: nowrap; line-height: 1.5; }
.@ .v-setting { display: none; }
.@ .v-setting.v-opening { display: block; }
@supports selector(:has(a)) { .@ .v-setting.v-opening { display: none; } }
"""


@dataclass(frozen=True)
class Knob:
    """One thing that a reader can set.

    ``values`` are offered where no kernel runs, and every pair of them is drawn: keep them few. A
    knob with one value is there for a live notebook alone. ``opening`` is one of them. ``fine``, if
    given, are the values of the slider in a live notebook.
    """

    name: str
    label: str
    values: Sequence[float]
    opening: float
    unit: str = ""
    fine: Sequence[float] = ()

    def written(self, value: float) -> str:
        return f"{value:g}\u00a0{self.unit}".strip()


class Playground:
    """Knobs and the picture they make; a notebook shows it by itself.

    JupyterLab with a kernel gets a slider for each knob. Everything else (a published page, a
    reader offline, an exported file) gets ``html``, which needs no kernel, script or network: rows
    of buttons, and a picture drawn beforehand for each combination.
    """

    def __init__(self, title: str, draw: Callable[..., Picture], *knobs: Knob) -> None:
        """``draw`` is called with the knobs' names; ValueError for an opening not in its values."""
        for knob in knobs:
            if knob.opening not in knob.values:
                raise ValueError(f"{knob.name} opens at {knob.opening}; add it to its values.")
        self.title, self.draw, self.knobs = title, draw, knobs

    def picture(self, **settings: float) -> Picture:
        """Draw one setting; what is not given is as it opens."""
        return self.draw(**{**{knob.name: knob.opening for knob in self.knobs}, **settings})

    @property
    def html(self) -> str:
        """The playground without a kernel."""
        offered = [knob for knob in self.knobs if len(knob.values) > 1]
        names = [knob.name for knob in offered]
        combinations = list(product(*(range(len(knob.values)) for knob in offered)))
        pictures = [
            self.picture(**{k.name: k.values[i] for k, i in zip(offered, chosen, strict=True)})
            for chosen in combinations
        ]
        scope = scope_of(self.title, names, pictures)
        rules = style(scope, figure=True) + PAGE_RULES.replace(".@", f".{scope}")
        settings = []
        for chosen, picture in zip(combinations, pictures, strict=True):
            opens = all(k.values[i] == k.opening for k, i in zip(offered, chosen, strict=True))
            mark = "v-" + "-".join(map(str, chosen))
            classes = f"v-setting {mark}" + " v-opening" * opens
            settings.append(f'<div class="{classes}">{picture.figure(scope)}</div>')
            checked = "".join(
                f":has(#{scope}-{name}-{i}:checked)" for name, i in zip(names, chosen, strict=True)
            )
            rules += f"\n.{scope}{checked} .v-setting.{mark} {{ display: block; }}"
        knobs = "".join(self._buttons(scope, knob) for knob in offered)
        return f'<div class="{scope}"><style>{rules}</style>\n{knobs}\n{"".join(settings)}\n</div>'

    @staticmethod
    def _buttons(scope: str, knob: Knob) -> str:
        buttons = []
        for i, value in enumerate(knob.values):
            checked = " checked" * (value == knob.opening)
            name = f"{scope}-{knob.name}"
            button = f'<input type="radio" id="{name}-{i}" name="{name}"{checked}>'
            buttons.append(f"<label>{button} {escape(knob.written(value))}</label>")
        return f"<fieldset><legend>{escape(knob.label)}</legend>{''.join(buttons)}</fieldset>"

    def widget(self) -> ipywidgets.Widget:
        """Return a slider for every knob above the picture they make."""
        sliders = {
            knob.name: ipywidgets.SelectionSlider(
                options=[(knob.written(v), v) for v in sorted({*knob.values, *knob.fine})],
                value=knob.opening,
                description=knob.label,
                style={"description_width": "12em"},
                layout={"width": "min(100%, 30em)"},
            )
            for knob in self.knobs
        }
        shown = ipywidgets.HTML()

        def redraw(_change: object = None) -> None:
            shown.value = self.draw(**{name: s.value for name, s in sliders.items()}).html

        for slider in sliders.values():
            slider.observe(redraw, names="value")
        redraw()
        return ipywidgets.VBox([*sliders.values(), shown])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return shown_with(self.html, repr(self), self.widget)

    def __repr__(self) -> str:
        return f"<Playground: {self.title}>"


def shown_with(html: str, text: str, widget: Callable[[], ipywidgets.Widget]) -> dict[str, Any]:
    """Return what a notebook shows: the HTML, and the widget where a reader has a kernel.

    A book is executed by a kernel without a session. Widgets made there would be stored in the
    page, as sliders that move nothing, and load scripts from a CDN.
    """
    bundle = {"text/plain": text, "text/html": html}
    if os.environ.get("JPY_SESSION_NAME"):
        return {**(widget()._repr_mimebundle_() or {}), **bundle}
    return bundle
