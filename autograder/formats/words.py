"""A criterion in plain text, for formats that cannot show more."""

from __future__ import annotations

import shlex
from pathlib import Path
from textwrap import indent

from autograder.labs import load_lab
from autograder.report import CriterionReport, Report

LONGEST_OUTPUT = 4000  # characters; the end of an output says more than its beginning


def told(report: Report, criterion: CriterionReport) -> str:
    """What must hold, what did not, the history that shows it, and what to run next."""
    parts = [f"Must hold: {criterion.must}"]
    if criterion.message and criterion.message != report.message:
        label = "Note" if criterion.status == "passed" else "But"
        parts.append(f"{label}: {hanging(criterion.message)}")
    if criterion.history:
        steps = [f"{n:>3}. {hanging(step)}" for n, step in enumerate(criterion.history, 1)]
        parts.append("\n".join(["The shortest history that breaks it:", *steps]))
    if criterion.error:
        error = (f"  {hanging(line)}" for line in criterion.error)
        parts.append("\n".join(["The error in that run:", *error]))
    if criterion.output.strip():
        parts.append(f"{output_title(criterion)}:\n" + indent(tail(criterion.output), "  "))
    parts += next_commands(report, criterion)
    return "\n\n".join(parts)


def hanging(text: str) -> str:
    """A text whose lines after the first are set in, so that none can pass for the report's own."""
    return "\n  ".join(line for line in text.splitlines() if line.strip())


def next_commands(report: Report, criterion: CriterionReport) -> list[str]:
    """What a learner can run about a criterion that is not passed, as sentences."""
    if criterion.status != "failed" or report.message:
        return []
    sentences = [f"A hint: {hint_command(report.lab, criterion)}"]
    if criterion.replay is not None:
        command = replay_command(report.lab, criterion, report.file)
        sentences.insert(0, f"Run just this history: {command}")
    return sentences


def output_title(criterion: CriterionReport) -> str:
    """What a criterion's output is: of a history, or what nbval tells of the notebook."""
    if criterion.replay is None:
        return "What the notebook showed"
    return "What your code printed in that run"


def hint_command(lab_id: str, criterion: CriterionReport) -> str:
    return f"pizza hint {lab_id} {criterion.id}"


def replay_command(lab_id: str, criterion: CriterionReport, file: str = "") -> str:
    """What runs a criterion's history again: with `file`, unless that is the lab's own, or not there.

    A submission in a teacher's folder goes by its name: its learner has the file elsewhere.
    """
    there = file.isprintable() and Path(file).is_file()
    other = there and Path(file).resolve() != load_lab(lab_id).starter.resolve()
    path = f" {shlex.quote(file)}" if other else ""
    return f"pizza check {lab_id}{path} --replay {criterion.replay}"


def tail(output: str) -> str:
    """The end of an output, and that it is only the end when it is."""
    output = output.rstrip()
    if len(output) <= LONGEST_OUTPUT:
        return output
    return "… (the beginning is left out)\n" + output[-LONGEST_OUTPUT:].partition("\n")[2]
