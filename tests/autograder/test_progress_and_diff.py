"""What a learner has reached is kept, and the reference is shown for what has passed, and only then."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from autograder import checking, cli, labs, progress
from autograder.report import Report
from tests.autograder.conftest import COURSE, lost_order_report


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A course of its own, in which gradings give what `scores` says."""
    for folder in ("labs/dlq", "solutions/dlq"):
        shutil.copytree(COURSE / folder, tmp_path / folder)
    monkeypatch.setattr(labs, "COURSE", tmp_path)
    monkeypatch.setattr(cli, "COURSE", tmp_path)
    monkeypatch.chdir(tmp_path)
    labs.load_lab.cache_clear()
    yield tmp_path
    labs.load_lab.cache_clear()


@pytest.fixture
def scores(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    scores: list[int] = []
    recorded = lost_order_report().model_dump()

    def grade(_: object, source: Any, *__: object) -> Report:
        source()
        score = scores.pop(0)
        verdict = "unknown" if score < 0 else "passed" if score == 100 else "failed"
        return Report.model_validate({**recorded, "score": max(score, 0), "verdict": verdict})

    monkeypatch.setattr(checking, "grade", grade)
    return scores


def pizza(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, list(arguments))


def test_best_last_and_attempts_are_kept(course: Path, scores: list[int]) -> None:
    scores += [40, 75, 60]
    for _ in range(3):
        assert pizza("check", "dlq").exit_code == 1
    kept = json.loads(pizza("progress", "--json").stdout)["labs"]["dlq"]
    assert (kept["best"], kept["last"], kept["attempts"], kept["max_score"]) == (75, 60, 3, 100)
    shown = pizza("progress").output
    assert "dlq" in shown and "75" in shown and "60" in shown


def test_a_lab_not_begun_says_so(course: Path) -> None:
    assert "not begun" in pizza("progress").output


def test_what_was_not_decided_is_no_attempt(course: Path, scores: list[int]) -> None:
    scores += [-1]
    assert pizza("check", "dlq").exit_code == 2
    assert json.loads(pizza("progress", "--json").stdout)["labs"] == {}


def test_grading_somebody_elses_file_is_no_progress(course: Path, scores: list[int]) -> None:
    scores += [100]
    assert pizza("check", "dlq", str(course / "solutions/dlq")).exit_code == 0
    assert json.loads(pizza("progress", "--json").stdout)["labs"] == {}


def test_the_reference_is_not_shown_before_passing(course: Path, scores: list[int]) -> None:
    scores += [75]
    pizza("check", "dlq")
    result = pizza("diff", "dlq")
    assert result.exit_code == 1 and result.stdout == ""
    assert "has not passed as it is now" in " ".join(result.output.split())


def test_what_has_passed_is_compared_with_the_reference(course: Path, scores: list[int]) -> None:
    mine = course / "labs/dlq/kitchen.py"
    mine.write_text("mine = 1\n")
    scores += [100]
    pizza("check", "dlq")
    result = pizza("diff", "dlq")
    assert result.exit_code == 0
    assert "-mine = 1" in result.output and "+def handler(event, context):" in result.output


def test_a_change_after_passing_hides_the_reference_again(course: Path, scores: list[int]) -> None:
    scores += [100]
    pizza("check", "dlq")
    (course / "labs/dlq/kitchen.py").write_text("changed = 1\n")
    assert pizza("diff", "dlq").exit_code == 1


def test_the_reference_itself_has_no_difference(course: Path, scores: list[int]) -> None:
    shutil.copy(course / "solutions/dlq/kitchen.py", course / "labs/dlq/kitchen.py")
    scores += [100]
    pizza("check", "dlq")
    assert "letter for letter" in pizza("diff", "dlq").output


def test_a_broken_progress_file_is_put_aside_and_stops_nothing(
    course: Path, scores: list[int]
) -> None:
    file = course / ".pizza/progress.json"
    file.parent.mkdir()
    file.write_text("{broken")
    scores += [50]
    assert pizza("check", "dlq").exit_code == 1
    assert progress.read().labs["dlq"].attempts == 1
    assert (course / ".pizza/progress-unreadable.json").read_text() == "{broken"


def test_several_reports_are_written_at_once(course: Path, scores: list[int]) -> None:
    scores += [75]
    pizza("check", "dlq", "--report", "html=a.html", "--report", "junit=b.xml")
    assert (course / "a.html").read_text().startswith("<!doctype html>")
    assert (course / "b.xml").read_text().startswith("<?xml")
    assert "labs/dlq/kitchen.py" in (course / "a.html").read_text()


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["--json", "--report", "github=x.md"], "use --report json=FILE"),
        (["--watch", "--json"], "--watch only shows"),
        (["--handed-in"], "Say what was handed in"),
        (["--report", "pdf=x"], "There is no report format “pdf”"),
    ],
)
def test_what_does_not_go_together_is_refused_with_a_sentence(
    course: Path, arguments: list[str], says: str
) -> None:
    result = pizza("check", "dlq", *arguments)
    assert result.exit_code == 2 and says in " ".join(result.output.split())
    assert "Traceback" not in result.output
