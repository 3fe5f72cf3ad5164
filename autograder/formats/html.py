"""One self-contained HTML page: what held, what did not, and a timeline of each history that shows it.

It loads nothing and runs nothing: a content security policy says so to the browser as well.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.formats.words import hint_command, output_title, replay_command, tail
from autograder.labs import Lab
from autograder.report import CriterionReport, Report
from localcloud import Call
from visuals import timeline

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_MARKS = {"passed": "✓", "failed": "✗", "unknown": "?"}
_WORDS = {"passed": "passed", "failed": "not passed yet", "unknown": "could not be decided"}


def render(report: Report, lab: Lab) -> str:
    """Return the page."""
    hints = {criterion.id: criterion.hints for criterion in lab.criteria}
    return _PAGES.get_template("report.html").render(
        report=report,
        lab=lab,
        hints=hints,
        marks=_MARKS,
        words=_WORDS,
        picture=picture,
        tail=tail,
        output_title=output_title,
        hint_command=hint_command,
        replay_command=replay_command,
    )


def picture(criterion: CriterionReport) -> str:
    """Return the timeline of a criterion's failing history as an HTML figure; "" without calls."""
    if not criterion.calls:
        return ""
    calls = [Call.from_json(record.model_dump()) for record in criterion.calls]
    return timeline(
        calls,
        title="The same history, call by call",
        caption="Emulated time runs down; each arrow is a call to AWS.",
        highlight={call.outcome for call in calls} - {"ok"},
    ).html
