"""A report for a person at a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.formats.words import hanging, hint_command, output_title, replay_command
from autograder.report import CriterionReport, Report

MARKS = {"passed": ("✓", "green"), "failed": ("✗", "red"), "unknown": ("?", "yellow")}
_VERDICTS = {"passed": "passed", "failed": "not passed yet", "unknown": "could not be decided"}
_MOST_LINES = 12  # of what the learner's code printed
_INDENT = 10


def show(report: Report, console: Console, everything: bool = False) -> None:
    """Print what to do first, each criterion, and what breaks the first failed one.

    `everything`: what breaks the others, too.
    """
    if report.first:
        console.print(Text.assemble(("Start here: ", "bold"), report.first))
        console.print()
    told = False
    for criterion in report.criteria:
        if criterion.status == "passed" or criterion.message == report.message:
            console.print(line(criterion, "" if report.message else criterion.message))
        elif told and not everything:
            console.print(line(criterion, criterion.message))
        else:
            show_why(report.lab, criterion, report.file, console)
            told = True
    console.print()
    if report.message:
        # Set in, also where it is wrapped: nothing of it can pass for a line of the report.
        console.print(Padding(Text(hanging(report.message), style="bold"), (0, 0, 0, 2)))
    console.print(verdict(report))
    if report.containment:
        console.print(Text(report.containment, style="dim"))
    failed = [c for c in report.criteria if c.status == "failed"]
    if failed and not report.message:
        console.print(Text(f"A hint: {hint_command(report.lab, failed[0])}", style="dim"))
        if len(failed) > 1 and not everything:
            again = f"What breaks the others: pizza check {report.lab} --all"
            console.print(Text(again, style="dim"))


def line(criterion: CriterionReport, beside: str = "") -> RenderableType:
    """One line for a criterion: mark, points, name, and a few words beside it."""
    mark, colour = MARKS[criterion.status]
    points = f"{criterion.points:>3}/{criterion.max_points:<3}"
    name = (f"{criterion.id:14}", "bold")
    left = Text.assemble((mark, f"bold {colour}"), f" {points} ", name)
    return _beside(left, Text(beside)) if beside else left


def show_why(lab_id: str, criterion: CriterionReport, file: str, console: Console) -> None:
    """Print why a criterion of `file` does not hold; the command that replays it is one line to copy."""
    console.print(why(criterion))
    if criterion.replay is not None:
        console.print(replay_line(lab_id, criterion, file), soft_wrap=True)
    console.print()


def replay_line(lab_id: str, criterion: CriterionReport, file: str) -> Text:
    """How to run a criterion's history again."""
    command = replay_command(lab_id, criterion, file)
    return Text.assemble((f"{'':{_INDENT}}Run just this: ", "dim"), command)


def why(criterion: CriterionReport) -> Group:
    """A criterion with all that shows why it does not hold."""
    parts: list[RenderableType] = [_labelled("Must hold:", Text(criterion.must))]
    if criterion.message:
        parts.append(_labelled("But:", Text(criterion.message, style="bold")))
    if criterion.history:
        parts.append(Text("The shortest history that breaks it:", style="dim"))
        for number, step in enumerate(criterion.history, 1):
            parts.append(_beside(Text(f"{number:>3}.", style="dim"), Text(step)))
    if criterion.error:
        parts.append(Text("The error in that run:", style="dim"))
        parts += [Padding(Text(frame, style="red"), (0, 0, 0, 5)) for frame in criterion.error]
    if criterion.output.strip():
        parts.append(Text(f"{output_title(criterion)}:", style="dim"))
        parts += [Padding(Text(printed), (0, 0, 0, 5)) for printed in _last_lines(criterion.output)]
    return Group(line(criterion), Padding(Group(*parts), (0, 0, 0, _INDENT)))


def verdict(report: Report) -> Text:
    """The last line: points and verdict."""
    _, colour = MARKS[report.verdict]
    return Text.assemble(
        (f"{report.title}: {report.score} of {report.max_score} points, ", "bold"),
        (_VERDICTS[report.verdict], f"bold {colour}"),
        f"  ({report.runs} histories in {report.seconds:.1f} s)" if report.runs else "",
    )


def _labelled(label: str, text: Text) -> Table:
    return _beside(Text(label, style="dim"), text)


def _beside(left: Text, right: Text) -> Table:
    """Two texts side by side, the right one wrapping within its own column."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_row(left, right)
    return table


def _last_lines(output: str) -> list[str]:
    every = [text[:200] for text in output.rstrip().splitlines()]
    left_out = len(every) - _MOST_LINES
    return ([f"… {left_out} lines before these …"] if left_out > 0 else []) + every[-_MOST_LINES:]
