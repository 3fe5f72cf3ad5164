"""Maps: the parts of a system and what flows between them, laid out by Graphviz."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass

import graphviz
import pygraphviz

from visuals.canvas import Canvas, Point, number, text_width, wrap
from visuals.picture import PHONE, Picture
from visuals.shapes import KINDS, Shape
from visuals.theme import LINE, SMALL

_MARGIN = 10
_COLUMN = 770  # what a laptop's window has room for (_static/column.css)
# How wide labels may be, and what Graphviz leaves between two ranks (inches): the first that fits.
_SPACING = ((120, 0.5), (90, 0.3), (70, 0.2), (60, 0.02))


@dataclass(frozen=True)
class _Flow:
    source: str
    target: str
    label: str = ""


def service_map(
    services: Mapping[str, str] | Iterable[tuple[str, str]],
    flows: Iterable[Sequence[str]],
    title: str = "The parts and what flows between them",
    caption: str | None = None,
    highlight: Iterable[str | tuple[str, str]] = (),
    direction: str = "right",
) -> Picture:
    """Draw the parts of a system and the flows between them, or states and the steps between them.

    ``services``: each part's name and kind, one of ``visuals.KINDS`` ("queue", "table" … "state").
    ``flows``: (from, to) or (from, to, label).
    ``highlight``: names of parts, or (from, to) pairs, to draw in bold.
    ``direction``: "right", or "down". A phone shows a wide map downwards if that fits on it.

    Raises ValueError for an unknown kind or direction, and for a flow whose end is not a part.
    """
    parts = dict(services)
    arrows = [_Flow(*flow) for flow in flows]
    _check(parts, arrows, direction)
    shapes = {name: Shape(name, kind, 110) for name, kind in parts.items()}
    marked = set(highlight)

    def drawn(direction: str, label_width: float, ranks_apart: float) -> tuple[str, float, float]:
        labels = [_lines(flow.label, label_width) for flow in arrows]
        graph = _laid_out(shapes, arrows, labels, direction, ranks_apart)
        pen = Canvas()
        width, height = _draw(pen, graph, shapes, arrows, labels, marked)
        return str(pen), width, height

    drawings = []
    for spacing in _SPACING:
        drawings.append(drawn(direction, *spacing))
        if drawings[-1][1] <= _COLUMN:
            break
    else:  # it is scrolled in any case
        del drawings[1:]
    narrow = None
    if direction == "right" and drawings[-1][1] > PHONE:
        downwards = (drawn("down", *spacing) for spacing in _SPACING)
        narrow = next((drawing for drawing in downwards if drawing[1] <= PHONE), None)
    return Picture(title, caption, _sentences(parts, arrows, marked), *drawings[-1], narrow)


def _check(parts: dict[str, str], flows: list[_Flow], direction: str) -> None:
    for name, kind in parts.items():
        if kind not in KINDS:
            raise ValueError(f"{name!r} is a {kind!r}; use one of: {', '.join(KINDS)}.")
    for end in (end for flow in flows for end in (flow.source, flow.target)):
        if end not in parts:
            raise ValueError(f"A flow names {end!r}, which is not a part; add it to services.")
    if direction not in ("right", "down"):
        raise ValueError(f"direction is {direction!r}; use 'right' or 'down'.")


def _laid_out(
    shapes: dict[str, Shape],
    flows: list[_Flow],
    labels: list[list[str]],
    direction: str,
    ranks_apart: float,
) -> pygraphviz.AGraph:
    """Let Graphviz place everything, in this process; sizes are ours, a point is a pixel."""
    dot = graphviz.Digraph(
        graph_attr={
            "rankdir": "LR" if direction == "right" else "TB",
            "nodesep": "0.35",
            "ranksep": str(ranks_apart),
        },
        node_attr={"fixedsize": "true", "label": "", "shape": "box"},
    )
    ids = {name: f"n{i}" for i, name in enumerate(shapes)}
    for name, shape in shapes.items():
        dot.node(ids[name], width=str(shape.width / 72), height=str(shape.height / 72))
    for i, (flow, lines) in enumerate(zip(flows, labels, strict=True)):
        attributes = {"id": str(i)}
        if flow.label:
            width = max(text_width(line, SMALL) for line in lines) + 10
            size = f'WIDTH="{width:.0f}" HEIGHT="{len(lines) * LINE + 4}"'
            attributes["label"] = (
                f'<<TABLE BORDER="0" FIXEDSIZE="TRUE" {size}><TR><TD></TD></TR></TABLE>>'
            )
        dot.edge(ids[flow.source], ids[flow.target], **attributes)
    graph = pygraphviz.AGraph(string=dot.source)
    graph.layout(prog="dot")
    return graph


def _lines(label: str, width: float) -> list[str]:
    """Break a label into lines; no word is cut to save room."""
    while True:
        lines = wrap(label, width, SMALL, lines=3)
        if width >= _SPACING[0][0] or not any(line.endswith("…") for line in lines):
            return lines
        width += 5


def _draw(
    pen: Canvas,
    graph: pygraphviz.AGraph,
    shapes: dict[str, Shape],
    flows: list[_Flow],
    labels: list[list[str]],
    marked: set,
) -> tuple[float, float]:
    """Draw a graph that has its layout; return its size."""
    _, _, width, height = (float(v) for v in graph.graph_attr["bb"].split(","))

    def at(position: str) -> Point:
        x, y = position.split(",")[-2:]
        return float(x) + _MARGIN, height - float(y) + _MARGIN

    edges = {int(edge.attr["id"]): edge for edge in graph.edges()}
    for i, flow in enumerate(flows):
        dead = shapes[flow.target].kind == "dead-letter queue"
        sign = "call" if (flow.source, flow.target) in marked else "fail" if dead else "ink"
        thick = " thick" * (sign == "call") + " dashed" * dead
        *curve, tip = _curve(edges[i].attr["pos"], at)
        path = " ".join(f"{number(x)} {number(y)}" for x, y in curve[1:])
        start = f"{number(curve[0][0])} {number(curve[0][1])}"
        pen.path(f"M{start} C{path}", f"{sign}-line{thick}")
        pen.head(tip, curve[-1], sign, size=11)
    for i, (flow, lines) in enumerate(zip(flows, labels, strict=True)):
        if flow.label:
            x, y = at(edges[i].attr["lp"])
            for row, line in enumerate(lines):
                baseline = y + (row - len(lines) / 2) * LINE + 11.5
                pen.text(x, baseline, line, "small center halo", full=flow.label)
    for i, (name, shape) in enumerate(shapes.items()):
        x, y = at(graph.get_node(f"n{i}").attr["pos"])
        shape.draw(pen, x, y, marked=name in marked)
    return width + 2 * _MARGIN, height + 2 * _MARGIN


def _curve(position: str, at: Callable[[str], Point]) -> list[Point]:
    """Read Graphviz's ``e,x,y x,y …``: the points of a Bézier curve, and last the arrow's tip."""
    points = position.split()
    tip = next((p for p in points if p.startswith("e,")), points[-1])
    return [at(p) for p in points if p[0] not in "es"] + [at(tip)]


def _sentences(parts: dict[str, str], flows: list[_Flow], marked: set) -> tuple[str, ...]:
    part, flow_word = ("state", "step") if {*parts.values()} == {"state"} else ("part", "flow")
    told = [f"A map of {_count(part, parts)} and {_count(flow_word, flows)}."]
    words = {name: name if kind == "state" else f"{name} ({kind})" for name, kind in parts.items()}
    for flow in flows:
        label = f": {flow.label}" if flow.label else ""
        told.append(f"From {words[flow.source]} to {words[flow.target]}{label}.")
    connected = {end for flow in flows for end in (flow.source, flow.target)}
    for name in parts:
        if name not in connected:
            told.append(f"{words[name]} stands alone.")
    names = [m if isinstance(m, str) else f"{m[0]} to {m[1]}" for m in marked]
    if names:
        told.append(f"Highlighted: {', '.join(sorted(names))}.")
    return tuple(told)


def _count(word: str, things: Sized) -> str:
    return f"{len(things)} {word}{'s' * (len(things) != 1)}"
