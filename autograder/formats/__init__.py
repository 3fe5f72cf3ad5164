"""What a report can be written as, and where to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from autograder.files import replace
from autograder.formats import classroom50, github, gradescope, html, junit
from autograder.labs import BadInput, Lab, nearest
from autograder.report import SCHEMA_VERSION, Report, json_schema


class Format(NamedTuple):
    """How a report is written for one reader."""

    render: Callable[[Report, Lab], str]
    says: str
    score_only: bool = False
    """It has no way to say “not decided”, so nothing is written then."""


FORMATS = {
    "html": Format(html.render, "one page with the timelines, to open in a browser"),
    "json": Format(lambda report, lab: report.model_dump_json(indent=2) + "\n", "as --json"),
    "junit": Format(junit.render, "JUnit XML, for Jenkins, GitLab and others"),
    "gradescope": Format(gradescope.render, "Gradescope's results.json", score_only=True),
    "classroom50": Format(classroom50.render, "Classroom 50's result.json", score_only=True),
    "markdown": Format(github.summary, "a summary in Markdown"),
    "github": Format(github.summary, "annotations and the job summary, in GitHub Actions"),
}


class Wanted(NamedTuple):
    """A report that was asked for."""

    name: str
    path: Path


def wanted(text: str) -> Wanted:
    """Read ``FORMAT=FILE``; raises BadInput when there is no such format or no such place.

    ``github`` alone writes to the file that GitHub Actions names for the job's summary.
    """
    name, _, file = text.partition("=")
    if name not in FORMATS:
        raise BadInput(
            f"There is no report format “{name}”"
            + nearest(name, FORMATS)
            + f" The formats are: {', '.join(FORMATS)}."
        )
    if name == "github" and not file:
        file = os.environ.get("GITHUB_STEP_SUMMARY", "")
        if not file:
            raise BadInput(
                "This is not a step of GitHub Actions (GITHUB_STEP_SUMMARY is not set): "
                "name a file, as in --report github=summary.md."
            )
    if not file:
        raise BadInput(f"Say where to write the report, as in --report {name}=FILE.")
    path = Path(file)
    if not path.absolute().parent.is_dir():
        raise BadInput(f"{file} cannot be written: there is no folder {path.parent}.")
    if path.is_dir():
        raise BadInput(
            f"{file} is a folder; name a file in it, as in --report {name}={path / name}."
        )
    if name == "classroom50":
        classroom50.check_environment()
    return Wanted(name, path)


def write(report: Report, lab: Lab, want: Wanted) -> bool:
    """Write one report, in one go; return whether it was.

    A format that could only say “0 points” of a grading that was not decided is not written, and one
    from before is removed. Raises BadInput when the file cannot be written.
    """
    made = FORMATS[want.name]
    try:
        if made.score_only and report.verdict == "unknown":
            want.path.unlink(missing_ok=True)
            return False
        text = made.render(report, lab)
        if want.name == "github":  # the summary of a step may hold what came before
            with want.path.open("a", encoding="utf-8") as file:
                file.write(text)
        else:
            replace(want.path, text)
    except OSError as error:
        raise BadInput(f"{want.path} cannot be written: {error.strerror}.") from error
    return True


def schema_file() -> Path:
    """The published JSON Schema of reports."""
    return Path(__file__).parent.parent / "schema" / f"report-v{SCHEMA_VERSION}.json"


def published_schema() -> str:
    """What that file has to hold."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
