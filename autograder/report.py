"""What a grading found, as data (for JSON) and on the terminal."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

Status = Literal["passed", "failed", "unknown"]
SCHEMA_VERSION = 1


class CriterionReport(BaseModel):
    """What came of one criterion."""

    id: str
    points: int
    max_points: int
    status: Status
    must: str
    """What must hold."""
    message: str
    """What did not hold, in one sentence; "" when it holds."""
    history: list[str] = []
    """The shortest history found that breaks it, step by step."""
    output: str = ""
    """What the learner's code printed in that history."""
    error: list[str] = []
    """The last error raised in that history, with the learner's own lines."""
    runs: int = 0
    """How many histories were run."""


class Report(BaseModel):
    """The result of one grading; the schema of ``pizza check --json``."""

    schema_version: int = SCHEMA_VERSION
    lab: str
    title: str
    score: int
    max_score: int
    verdict: Status
    first: str = ""
    """What to do first, while nothing works yet."""
    message: str = ""
    """Why the whole submission could not be run or decided, when that is so."""
    criteria: list[CriterionReport]
    engine: str
    containment: str
    runs: int
    seconds: float

    @property
    def exit_code(self) -> int:
        return {"passed": 0, "failed": 1, "unknown": 2}[self.verdict]


_MARKS = {"passed": ("✓", "green"), "failed": ("✗", "red"), "unknown": ("?", "yellow")}


def show(report: Report, console: Console, everything: bool = False) -> None:
    """Print a report for a person: what to do first, each criterion, what breaks the first failed one.

    `everything`: what breaks the others, too.
    """
    if report.first:
        console.print(Text.assemble(("Start here: ", "bold"), report.first))
        console.print()
    told = False
    for criterion in report.criteria:
        mark, colour = _MARKS[criterion.status]
        points = f"{criterion.points:>3}/{criterion.max_points:<3}"
        line = Text.assemble(
            (mark, f"bold {colour}"), f" {points} ", (f"{criterion.id:14}", "bold")
        )
        if criterion.status == "passed" or criterion.message == report.message:
            console.print(line)
        elif told and not everything:
            console.print(_beside(line, Text(criterion.message)))
        else:
            console.print(line)
            console.print(Padding(_why(criterion), (0, 0, 1, 10)))
            told = True
    console.print()
    if report.message:
        console.print(Text(report.message, style="bold"))
    mark, colour = _MARKS[report.verdict]
    verdict = {"passed": "passed", "failed": "not passed yet", "unknown": "could not be decided"}
    console.print(
        Text.assemble(
            (f"{report.title}: {report.score} of {report.max_score} points, ", "bold"),
            (verdict[report.verdict], f"bold {colour}"),
            f"  ({report.runs} histories in {report.seconds:.1f} s)" if report.runs else "",
        )
    )
    if report.containment:
        console.print(Text(report.containment, style="dim"))
    failed = [c for c in report.criteria if c.status == "failed"]
    if failed and not report.message:
        console.print(Text(f"A hint: pizza hint {report.lab} {failed[0].id}", style="dim"))
        if len(failed) > 1 and not everything:
            again = f"What breaks the others: pizza check {report.lab} --all"
            console.print(Text(again, style="dim"))


def _beside(left: Text, right: Text) -> Table:
    """Two texts side by side, the right one wrapping within its own column."""
    table = Table.grid(padding=(0, 1))
    table.add_row(left, right)
    return table


def _why(criterion: CriterionReport) -> Group:
    parts: list[Text | Table] = [Text.assemble(("Must hold: ", "dim"), criterion.must)]
    if criterion.message:
        parts.append(Text.assemble(("But: ", "dim"), (criterion.message, "bold")))
    if criterion.history:
        parts.append(Text("The shortest history that breaks it:", style="dim"))
        parts += [
            _beside(Text(f"{number:>3}."), Text(step))
            for number, step in enumerate(criterion.history, 1)
        ]
    if criterion.error:
        parts.append(Text("The error in that run:", style="dim"))
        parts += [Text(f"     {line}", style="red") for line in criterion.error]
    if criterion.output.strip():
        parts.append(Text("What your code printed in that run:", style="dim"))
        parts += [Text(f"     {line}") for line in _tail(criterion.output)]
    return Group(*parts)


def _tail(output: str, lines: int = 12) -> list[str]:
    """The last lines of an output, harmless on a terminal."""
    printable = "".join(c if c.isprintable() or c == "\n" else "�" for c in output)
    every = [line[:200] for line in printable.rstrip().splitlines()]
    more = [f"… {len(every) - lines} lines before these …"] if len(every) > lines else []
    return more + every[-lines:]
