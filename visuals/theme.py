"""The look of every picture: two palettes, and the style sheet that follows the page's theme."""

from __future__ import annotations

# Light and dark, by the name of what they paint. Tests hold them to WCAG contrast and to being told
# apart by colour-blind readers; change one and run them.
LIGHT = {
    "paper": "#ffffff",
    "tint": "#eef2f6",
    "band": "#fff6d6",
    "ink": "#1f2328",
    "muted": "#57606a",
    "line": "#818b98",
    "call": "#0a4a94",
    "hidden": "#836400",
    "hidden-fill": "#ffdf80",
    "fail": "#8f1410",
    "again": "#b321bb",
}
DARK = {
    "paper": "#121212",
    "tint": "#21272f",
    "band": "#2f2a14",
    "ink": "#e6edf3",
    "muted": "#a3afbb",
    "line": "#6f7b88",
    "call": "#9ccbff",
    "hidden": "#f0cd3a",
    "hidden-fill": "#6b5410",
    "fail": "#ff7d5c",
    "again": "#dc6be8",
}

# Smallest text, in pixels. Pictures scroll rather than shrink, so it is also the smallest one seen.
SMALL, NORMAL, LARGE = 11.5, 12.5, 15
LINE = 15  # from one line of text to the next

# Who says that the page is light or dark: the book's theme, JupyterLab, VS Code's notebooks.
_LIGHT_PAGES = ('html[data-theme="light"]', 'body[data-jp-theme-light="true"]', "body.vscode-light")
_DARK_PAGES = ('html[data-theme="dark"]', 'body[data-jp-theme-light="false"]', "body.vscode-dark")

_RULES = """
.@ { color: var(--v-ink); background: var(--v-paper); }
.@ text { fill: var(--v-ink); font-size: 12.5px; font-weight: 400; }
.@ .v-title { font-size: 15px; font-weight: 600; }
.@ .v-strong { font-weight: 600; }
.@ .v-small { font-size: 11.5px; }
.@ .v-center { text-anchor: middle; }
.@ .v-end { text-anchor: end; }
.@ .v-halo { paint-order: stroke; stroke: var(--v-paper); stroke-width: 4px;
  stroke-linejoin: round; }
.@ .v-plate { stroke-width: 9px; }
.@ .v-on-band { stroke: var(--v-band); }
.@ .v-paper { fill: var(--v-paper); }
.@ .v-box { fill: var(--v-tint); stroke: var(--v-line); stroke-width: 1.2; }
.@ .v-open { fill: var(--v-paper); stroke: var(--v-line); stroke-width: 1.2; }
.@ .v-detail { fill: none; stroke: var(--v-line); stroke-width: 1.2; }
.@ .v-marked { stroke: var(--v-call); stroke-width: 2.5; }
.@ .v-band { fill: var(--v-band); }
.@ .v-lane { stroke: var(--v-line); stroke-width: 1; fill: none; }
.@ .v-grid { stroke: var(--v-line); stroke-opacity: 0.45; stroke-dasharray: 2 3; }
.@ .v-frame { fill: none; stroke: var(--v-line); stroke-dasharray: 2 3; }
.@ .v-halo-line { stroke: var(--v-paper); stroke-width: 6; }
.@ .v-hidden-bar { fill: var(--v-hidden-fill); stroke: var(--v-hidden); stroke-width: 1; }
"""
# Each of these names gives a text colour, a line and a filled shape.
_SIGNS = ("ink", "muted", "call", "hidden", "fail", "again")
_SIGN_RULES = """
.@ text.v-{name} {{ fill: var(--v-{name}); }}
.@ .v-{name}-line {{ stroke: var(--v-{name}); fill: none; stroke-width: 1.6; }}
.@ .v-{name}-fill {{ fill: var(--v-{name}); stroke: none; }}
"""
_LAST_RULES = """
.@ .v-thick { stroke-width: 3; }
.@ .v-dashed { stroke-dasharray: 5 4; }
.@ .v-dotted { stroke-dasharray: 2 3; }
.@ .v-leader { stroke-width: 0.8; stroke-opacity: 0.5; }
.@ .v-phone, .@.v-narrow { display: none; }
@media screen and (max-width: 520px) {
  .@ .v-phone, .@.v-narrow { display: inline; }
  .@.v-wide { display: none; }
}
"""
# Where a picture goes on beyond its frame, the frame has a shadow there: it stays with the frame, the
# lid of paper over it comes along with the picture's own edge. So the picture's paper is the frame's.
# The last one: the book's theme puts what a cell shows on a light ground in the dark.
_FIGURE_RULES = """
figure.@ { margin: 1em 0; padding: 0; max-width: 100%; text-align: left; }
figure.@ figcaption { margin: 0 0 .5em; padding: 0; text-align: left; color: inherit;
  font-size: .95em; line-height: 1.45; }
figure.@ figcaption strong { display: block; color: inherit; font-weight: 600; }
figure.@ .v-scroll { overflow-x: auto; width: fit-content; max-width: 100%;
  background:
    linear-gradient(to right, var(--v-paper) 50%, transparent) 0 0 / 28px 100% local,
    linear-gradient(to left, var(--v-paper) 50%, transparent) 100% 0 / 28px 100% local,
    linear-gradient(to right, var(--v-line), transparent) 0 0 / 14px 100% scroll,
    linear-gradient(to left, var(--v-line), transparent) 100% 0 / 14px 100% scroll var(--v-paper);
  background-repeat: no-repeat; }
figure.@ svg { display: block; max-width: 100%; height: auto; background: none; }
figure.@ rect.v-paper { fill: none; }
figure.@ details { font-size: .85em; color: var(--v-muted); margin: .25em 0 0; padding: 0;
  border: 0; box-shadow: none; background: none; }
figure.@ details ul { list-style: none; margin: 0; padding: 0 0 0 1em; }
figure.@ details li { margin: .15em 0; }
html[data-theme="dark"] .text_html:has(> .@) { background: none !important; padding: 0 !important; }
"""


def style(scope: str, figure: bool = False) -> str:
    """Return the style sheet for one picture, every rule of it kept to the class ``scope``.

    A page's own theme wins over the reader's system setting, which counts where the page has none.
    ``figure`` adds the rules for the HTML around an inline picture.
    """
    parts = [
        _variables(f".{scope}", LIGHT),
        "@media (prefers-color-scheme: dark) {" + _variables(f".{scope}", DARK) + "}",
        _variables(", ".join(f"{page} .{scope}" for page in _LIGHT_PAGES), LIGHT),
        _variables(", ".join(f"{page} .{scope}" for page in _DARK_PAGES), DARK),
        _RULES,
        *(_SIGN_RULES.format(name=name) for name in _SIGNS),
        _LAST_RULES,
        _FIGURE_RULES if figure else "svg.@ { font-family: system-ui, sans-serif; }",
    ]
    return "\n".join(" ".join(part.split()) for part in parts).replace(".@", f".{scope}")


def _variables(selector: str, palette: dict[str, str]) -> str:
    values = " ".join(f"--v-{name}: {colour};" for name, colour in palette.items())
    return f"{selector} {{ {values} }}"
