"""Widgets: knobs to turn, in a live notebook and on a published page alike."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import product
from typing import Any

import ipywidgets

from visuals.evenings import evening_picture
from visuals.picture import Picture, scope_of
from visuals.theme import style

_PAGE_RULES = """
.@ fieldset { border: 0; margin: 0 0 .25em; padding: 0; display: flex; flex-wrap: wrap;
  gap: .1em .9em; }
.@ legend { padding: 0; font-size: .9em; font-weight: 600; float: left; margin: 0 .9em 0 0;
  width: auto; line-height: 1.5; }
.@ label { font-size: .9em; margin: 0; white-space: nowrap; line-height: 1.5; }
.@ .v-setting { display: none; }
.@ .v-setting.v-opening { display: block; }
@supports selector(:has(a)) { .@ .v-setting.v-opening { display: none; } }
"""


def visibility_playground(
    timeout: int = 30,
    processing: int = 45,
    orders: int = 3,
    kitchens: int = 2,
    max_receives: int = 3,
    timeouts: Sequence[int] = (15, 30, 60, 90),
    processings: Sequence[int] = (10, 25, 45, 80),
) -> Playground:
    """Let the reader set processing time against visibility timeout, and see what is cooked twice.

    The first five say how it opens. ``timeouts`` and ``processings`` are the settings (seconds)
    offered where no kernel runs.
    """
    opening = {
        "timeout": timeout,
        "processing": processing,
        "orders": orders,
        "kitchens": kitchens,
        "max_receives": max_receives,
    }
    return Playground(opening, sorted({timeout, *timeouts}), sorted({processing, *processings}))


class Playground:
    """What ``visibility_playground`` returns; a notebook shows it by itself.

    JupyterLab with a kernel gets ipywidgets: a slider for every setting. Everything else (a
    published page, a reader offline, an exported file) gets ``html``, which needs no kernel, script
    or network: two rows of buttons, and a picture drawn beforehand for each pair of them.
    """

    def __init__(
        self, opening: dict[str, int], timeouts: Sequence[int], processings: Sequence[int]
    ) -> None:
        self.opening, self.timeouts, self.processings = opening, timeouts, processings

    def picture(self, **settings: int) -> Picture:
        """Draw one evening; what is not given is as it opens."""
        return evening_picture(**{**self.opening, **settings})

    @property
    def html(self) -> str:
        """The playground without a kernel."""
        pairs = list(product(self.timeouts, self.processings))
        pictures = [self.picture(timeout=t, processing=p) for t, p in pairs]
        scope = scope_of(self.opening, pictures)
        rules = style(scope, figure=True) + _PAGE_RULES.replace(".@", f".{scope}")
        settings = []
        for (t, p), picture in zip(pairs, pictures, strict=True):
            opening = (t, p) == (self.opening["timeout"], self.opening["processing"])
            classes = f"v-setting v-{t}-{p}" + " v-opening" * opening
            settings.append(f'<div class="{classes}">{picture.figure(scope)}</div>')
            chosen = f":has(#{scope}-timeout-{t}:checked):has(#{scope}-processing-{p}:checked)"
            rules += f"\n.{scope}{chosen} .v-setting.v-{t}-{p} {{ display: block; }}"
        knobs = self._buttons(scope, "timeout", "Visibility timeout", self.timeouts)
        knobs += self._buttons(scope, "processing", "Processing time", self.processings)
        return f'<div class="{scope}"><style>{rules}</style>\n{knobs}\n{"".join(settings)}\n</div>'

    def _buttons(self, scope: str, name: str, legend: str, values: Sequence[int]) -> str:
        buttons = []
        for value in values:
            checked = " checked" * (value == self.opening[name])
            button = (
                f'<input type="radio" id="{scope}-{name}-{value}" name="{scope}-{name}"{checked}>'
            )
            buttons.append(f"<label>{button} {value} s</label>")
        return f"<fieldset><legend>{legend}</legend>{''.join(buttons)}</fieldset>"

    def widget(self) -> ipywidgets.Widget:
        """Return sliders for every setting above the picture they make."""
        limits = {
            "timeout": ("Visibility timeout, s", 5, 120, 5),
            "processing": ("Processing time, s", 5, 120, 5),
            "orders": ("Orders", 1, 6, 1),
            "kitchens": ("Kitchens", 1, 4, 1),
            "max_receives": ("Most receives", 1, 5, 1),
        }
        sliders = {
            name: ipywidgets.IntSlider(
                value=self.opening[name],
                min=min(low, self.opening[name]),
                max=max(high, self.opening[name]),
                step=step,
                description=label,
                style={"description_width": "10em"},
                layout={"width": "min(100%, 28em)"},
            )
            for name, (label, low, high, step) in limits.items()
        }
        shown = ipywidgets.HTML()

        def draw(_change: object = None) -> None:
            shown.value = self.picture(**{name: s.value for name, s in sliders.items()}).html

        for slider in sliders.values():
            slider.observe(draw, names="value")
        draw()
        return ipywidgets.VBox([*sliders.values(), shown])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the HTML, and the widget too where a Jupyter server says that a reader is there.

        A book is executed by a kernel without a session. Widgets made there would be stored in the
        page, as sliders that move nothing, and load scripts from a CDN.
        """
        bundle = {"text/plain": repr(self), "text/html": self.html}
        if os.environ.get("JPY_SESSION_NAME"):
            return {**(self.widget()._repr_mimebundle_() or {}), **bundle}
        return bundle

    def __repr__(self) -> str:
        return "<Playground: processing time against visibility timeout>"
