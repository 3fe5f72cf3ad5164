"""What a learner sees of labs done: the reference beside their own file, and how far they are."""

from __future__ import annotations

import difflib

from rich.table import Table
from rich.text import Text

from autograder import progress
from autograder.labs import BadInput, Lab, lab_ids, load_lab

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def difference(lab: Lab) -> Text | None:
    """The reference compared with the learner's file: "" where they are the same, None unless this
    very file has passed. Raises BadInput when there is no such file."""
    try:
        mine = lab.starter.read_bytes()
    except OSError as error:
        raise BadInput(f"labs/{lab.id}/{lab.module} cannot be read: {error.strerror}.") from error
    if not progress.has_passed(lab.id, mine):
        return None
    lines = difflib.unified_diff(
        mine.decode("utf-8", "replace").splitlines(),
        lab.solution.read_text(encoding="utf-8").splitlines(),
        f"labs/{lab.id}/{lab.module} (yours)",
        f"solutions/{lab.id}/{lab.module} (the reference)",
        lineterm="",
    )
    return Text("\n").join(Text(line, style=_COLOURS.get(line[:1], "")) for line in lines)


def progress_table(reached: progress.Progress) -> Table:
    """A row a lab, those not begun too."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("Lab", "", "Best", "Last", "Attempts", "Last graded"):
        number = heading in ("Best", "Last", "Attempts")
        table.add_column(heading, justify="right" if number else "left")
    for lab_id in lab_ids():
        lab, kept = load_lab(lab_id), reached.labs.get(lab_id)
        name, title = Text(lab_id, style="bold"), Text(lab.title)
        if kept is None or kept.when is None:
            table.add_row(name, title, "–", "–", "–", Text("not begun", style="dim"))
            continue
        done = kept.best == kept.max_score
        table.add_row(
            name,
            title,
            Text(str(kept.best), style="bold green" if done else ""),
            str(kept.last),
            str(kept.attempts),
            f"{kept.when.astimezone():%Y-%m-%d %H:%M}",
        )
    return table
