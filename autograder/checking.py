"""What `pizza check` does around a grading: find the file, keep the progress, show and write reports."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from autograder import formats, grading, progress
from autograder.console import err, out
from autograder.formats import github, terminal
from autograder.grading import NotAModule, find_submission, grade, read_submission
from autograder.handed_in import hand_in
from autograder.labs import Lab
from autograder.report import Report
from autograder.world import CannotRun


def check(lab: Lab, path: Path | None, handed_in: bool = False) -> Report:
    """Grade the learner's file, or the one at `path`; raises BadInput when there is none.

    `handed_in`: not having one counts as 0 points instead.
    """
    read: list[bytes] = []
    named: list[Path] = []

    def source() -> bytes:
        if handed_in:
            assert path is not None
            named.append(hand_in(lab, path))
        read.append(read_submission(named[0]))
        return read[0]

    if not handed_in:
        named.append(find_submission(lab, path))
    with err.status("Starting …") as status:
        report = grade(lab, source, lambda what: status.update(f"Checking: {what} …"))
    if named:
        report = report.model_copy(update={"file": shown(named[0])})
    if read and named[0].resolve() == lab.starter.resolve():
        progress.record(report, read[0])
    return report


def shown(path: Path) -> str:
    """A path as people write it: from here, where that is shorter."""
    try:
        return os.path.relpath(path) if path.resolve().is_relative_to(Path.cwd()) else str(path)
    except OSError:
        return str(path)


def watch(lab: Lab, path: Path | None) -> int:
    """Grade at each save until Ctrl-C; return the exit code."""
    from autograder import watch as watching

    return watching.watch(lab, find_submission(lab, path), out)


def replay(lab: Lab, path: Path | None, number: int) -> int:
    """Run one history in the foreground and say how it ended; return the exit code."""
    file = find_submission(lab, path)
    err.print(Text(f"History {number}, with {shown(file)} in the foreground.\n", style="dim"))
    try:
        criterion = grading.replay(lab, read_submission(file), number, sys.stdout.fileno())
    except (NotAModule, CannotRun) as error:
        err.print(Text(str(error)))
        return 1
    out.print()
    if criterion.status == "passed":
        out.print(Text(f"In this history it holds: {criterion.must}"))
        return 0
    terminal.show_why(lab.id, criterion, shown(file), out)
    return 1


def show(report: Report, everything: bool) -> None:
    """Print a report for a person."""
    with github.fenced():
        terminal.show(report, out, everything)


def write(report: Report, lab: Lab, wants: Sequence[formats.Wanted]) -> None:
    """Write the reports that were asked for; raises BadInput when one cannot be written."""
    for want in wants:
        if not formats.write(report, lab, want):
            err.print(Text(f"Nothing was decided, so no {want.name} result was written."))
        elif want.name == "github":
            print("\n".join(github.annotate(report)))
        else:
            err.print(Text(f"Written: {want.path}", style="dim"), soft_wrap=True)
