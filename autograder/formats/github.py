"""GitHub Actions: annotations on the learner's lines, and the job's summary in Markdown.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands. What a
learner wrote may come near neither the runner, which takes lines of the log for commands, nor the
page, which takes Markdown and HTML for its own.
"""

from __future__ import annotations

import html
import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.formats.words import hint_command, replay_command, tail
from autograder.labs import Lab
from autograder.report import CriterionReport, Report

_MARKS = {"passed": "✅", "failed": "❌", "unknown": "❔"}
_VERDICTS = {"passed": "passed", "failed": "not passed yet", "unknown": "could not be decided"}


def in_actions() -> bool:
    """Whether this is a step of a GitHub workflow."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def fenced() -> Iterator[None]:
    """In GitHub Actions, have the runner take nothing that is printed meanwhile for a command."""
    if not in_actions():
        yield
        return
    token = secrets.token_hex(16)  # nobody can print what would end the fence
    print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        sys.stdout.flush()
        print(f"::{token}::", flush=True)


def annotate(report: Report) -> list[str]:
    """Return a workflow command for each criterion that is not passed, at the learner's line."""
    if report.message:
        kind = "warning" if report.verdict == "unknown" else "error"
        return [_command(kind, report.file, report.line, report.title, report.message)]
    return [
        _command(
            "warning" if criterion.status == "unknown" else "error",
            report.file,
            criterion.line,
            f"{criterion.id}: {criterion.points} of {criterion.max_points} points",
            "\n".join(filter(None, [criterion.message, *criterion.error[-1:]])) or criterion.must,
        )
        for criterion in report.criteria
        if criterion.status != "passed"
    ]


def _command(kind: str, file: str, line: int | None, title: str, message: str) -> str:
    where = {"file": _in_repository(file), "line": str(line or 1), "title": title}
    properties = ",".join(f"{name}={_property(value)}" for name, value in where.items() if value)
    return f"::{kind} {properties}::{_data(message)}"


def _in_repository(file: str) -> str:
    """A path as annotations want it: from the root of the repository."""
    root = os.environ.get("GITHUB_WORKSPACE")
    path = Path(file).absolute()
    if root and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return file


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(report: Report, lab: Lab) -> str:
    """Return the report in GitHub's Markdown."""
    verdict = _VERDICTS[report.verdict]
    parts = [f"## {_MARKS[report.verdict]} {_text(report.title)}: {verdict}"]
    parts.append(f"**{report.score} of {report.max_score} points** in lab {_code(report.lab)}")
    parts += [_text(text) for text in (report.first, report.message) if text]
    rows = ["| | criterion | points | what must hold |", "|---|---|---|---|"]
    for criterion in report.criteria:
        cells = [
            _MARKS[criterion.status],
            _code(criterion.id),
            f"{criterion.points}/{criterion.max_points}",
            _text(criterion.must),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    parts.append("\n".join(rows))
    if not report.message:
        parts += [_why(report, c) for c in report.criteria if c.status != "passed"]
    parts.append(f"<sub>{_text(report.containment)}</sub>" if report.containment else "")
    return "\n\n".join(filter(None, parts)) + "\n\n"


def _why(report: Report, criterion: CriterionReport) -> str:
    """What breaks one criterion, folded away; all that the learner's code had a say in is in <pre>."""
    lines = [f"<details><summary>{_code(criterion.id)} {_text(criterion.message)}</summary>", ""]
    if criterion.history:
        steps = [f"{n:>3}. {step}" for n, step in enumerate(criterion.history, 1)]
        lines += ["The shortest history that breaks it:", "", _pre("\n".join(steps)), ""]
    if criterion.error:
        lines += ["The error in that run:", "", _pre("\n".join(criterion.error)), ""]
    if criterion.output.strip():
        lines += ["What the code printed in that run:", "", _pre(tail(criterion.output)), ""]
    if criterion.replay is not None:
        command = replay_command(report.lab, criterion, report.file)
        lines += [f"Run just this history: {_code(command)}", ""]
    lines += [f"A hint: {_code(hint_command(report.lab, criterion))}", "", "</details>"]
    return "\n".join(lines)


def _text(text: str) -> str:
    """Text that stays text: every sign that could mean something is written as an entity."""
    return re.sub(r"[!-/:-@\[-`{-~]", lambda sign: f"&#{ord(sign[0])};", " ".join(text.split()))


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>"


def _pre(text: str) -> str:
    """A block that ends at </pre> and nowhere before, whatever is in it."""
    return f"<pre>{html.escape(text, quote=False)}</pre>"
