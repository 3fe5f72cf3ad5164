"""``pizza trace``: where an order's time went, in the terminal and as a picture."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.text import Text

from operations import receiver
from operations.engines import Problem
from operations.traces import Span, of_order, to_json
from visuals.spans import Row, Story, tell, took
from visuals.waterfalls import waterfall

_SHOWN = 8  # orders to choose from
_NARROWEST = 16  # columns for the bars


def find(order_id: str) -> list[Span]:
    """Return the spans of an order's traces that were received since `pizza up`; raises Problem."""
    kept = list(receiver.kept())
    spans = of_order(kept, order_id)
    if spans:
        return spans
    seen = dict.fromkeys(str(s.attributes["order.id"]) for s in kept if "order.id" in s.attributes)
    if not seen:
        raise Problem(
            "No traces were received yet: run `pizza up`, `pizza deploy` and `pizza order` first."
        )
    latest = ", ".join(list(seen)[-_SHOWN:])
    raise Problem(f"No trace of order {order_id} was received; the latest orders are {latest}.")


def save(spans: list[Span], order_id: str, path: Path) -> None:
    """Write the waterfall as an SVG file; raises Problem."""
    try:
        waterfall(spans, title=f"Order {order_id}", width=640).save(path)
    except OSError as error:
        raise Problem(f"The picture cannot be written: {error}") from None


def as_json(spans: list[Span]) -> str:
    """Return the spans as a JSON list."""
    return json.dumps([json.loads(to_json(span)) for span in spans], indent=2)


def show(spans: list[Span], order_id: str, console: Console) -> None:
    """Print the waterfall: a line for each span, indented below its parent, with a bar over time."""
    story = tell(spans)
    labels = [_label(story, row) for row in story.rows]
    longest = max(len(took(row.seconds)) for row in story.rows)
    rest = console.width - longest - 4
    widest = max(min(max(label.cell_len for label in labels), rest - _NARROWEST), 10)
    columns = max(rest - widest, 1)
    traces = "1 trace" if story.traces == 1 else f"{story.traces} traces"
    told = f": {traces}, {len(story.rows)} spans, {took(story.ended)}"
    console.print(Text.assemble((f"Order {order_id}", "bold"), told))
    console.print(Text.assemble(" " * (widest + longest + 4), _axis(story, columns)))
    for before, row, label in zip((None, *story.rows), story.rows, labels, strict=False):
        if before and before.trace != row.trace:
            console.print()
        label.truncate(widest, overflow="ellipsis", pad=True)
        time = took(row.seconds).rjust(longest + 2)
        console.print(Text.assemble(label, (time, "dim"), "  ", _bar(story, row, columns)))
        if row.error:
            error = Text("  " * row.depth + f"✕ {row.error}", style="red")
            error.truncate(console.width, overflow="ellipsis")
            console.print(error)
    if any(row.links for row in story.rows):
        console.print(Text("⇠ a trace of its own, linked to the span named", style="dim"))
    if story.pauses:
        console.print(Text("┊ time in which nobody worked, not to scale", style="dim"))


def _label(story: Story, row: Row) -> Text:
    label = Text.assemble("  " * row.depth, (row.service, "bold"), " ", story.label(row))
    for linked in row.links:
        label.append(f" ⇠ {story.rows[linked].name}", style="magenta")
    return label


def _axis(story: Story, columns: int) -> Text:
    """Write when each stretch begins, as far as there is room, and when all ends."""
    line = [" "] * columns
    begins = [part for part in story.stretches if not part.pause]
    end = f"+{took(story.ended)}"
    line[-len(end) :] = end
    for part in begins:
        text = f"+{took(part.begun)}" if part.begun else "0 s"
        at = int(part.left * (columns - 1))
        room = line[max(at - 1, 0) : at + len(text) + 1]
        if at + len(text) <= columns and all(c == " " for c in room):
            line[at : at + len(text)] = text
    return Text("".join(line), style="dim")


def _bar(story: Story, row: Row, columns: int) -> Text:
    line = [" "] * columns
    for part in story.pauses:
        line[int((part.left + part.right) / 2 * (columns - 1))] = "┊"
    begun = int(story.at(row.begun) * (columns - 1))
    ended = max(round(story.at(row.ended) * columns), begun + 1)
    bar = Text("".join(line), style="dim")
    bar = (
        bar[:begun]
        + Text("█" * (ended - begun), style="red" if row.error else "blue")
        + bar[ended:]
    )
    return bar
