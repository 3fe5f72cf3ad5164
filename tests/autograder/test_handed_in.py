"""A teacher grades a folder of submissions: every one gets a row and a report, whatever it is."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from autograder import cli, handed_in
from autograder.grading import NotAModule
from autograder.labs import load_lab
from autograder.report import Report
from tests.autograder.conftest import Pizza, lost_order_report

LAB = load_lab("dlq")
Graded = list[str]


def report(verdict: str = "failed", **changes: object) -> Report:
    data = lost_order_report().model_dump()
    return Report.model_validate({**data, "verdict": verdict, **changes})


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> Graded:
    """What is graded, in turn; the grading itself is not what these tests are about."""
    sources: Graded = []

    def grade(_: object, source: Callable[[], bytes]) -> Report:
        try:
            text = source().decode()
        except NotAModule as error:
            return report(score=0, message=str(error))
        sources.append(text)
        if text == "crash the grader":
            raise RuntimeError("a bug")
        if text == "undecided":
            return report("unknown", message="The engine died.")
        return report()

    monkeypatch.setattr(handed_in, "grade", grade)
    return sources


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "monday"
    (folder / "ada").mkdir(parents=True)
    (folder / "ada" / "kitchen.py").write_text("ada's")
    (folder / "bob" / "deep" / "inside").mkdir(parents=True)
    (folder / "bob" / "deep" / "inside" / "kitchen.py").write_text("bob's")
    (folder / "carol.py").write_text("carol's")
    return folder


def grade_folder(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(cli.app, ["dev", "grade", "dlq", str(folder), *more])


def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder.parent / "monday-graded" / "grades.csv").open(encoding="utf-8") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def test_each_submission_has_a_row_and_two_reports(folder: Path, graded: Graded) -> None:
    result = grade_folder(folder)
    assert result.exit_code == 0, result.output
    table = rows(folder)
    assert list(table) == ["ada", "bob", "carol.py"]
    assert table["ada"]["score"] == "75" and table["ada"]["crash"] == "0"
    reports = sorted(path.name for path in (folder.parent / "monday-graded/reports").iterdir())
    assert reports == [
        *("ada.html", "ada.json", "bob.html", "bob.json", "carol.py.html", "carol.py.json"),
    ]


def test_a_second_run_grades_only_what_is_new_or_changed(folder: Path, graded: Graded) -> None:
    grade_folder(folder)
    graded.clear()
    (folder / "carol.py").write_text("carol's, later")
    (folder / "dan.py").write_text("dan's")
    grade_folder(folder)
    assert graded == ["carol's, later", "dan's"]
    assert list(rows(folder)) == ["ada", "bob", "carol.py", "dan.py"]


def test_again_grades_everything(folder: Path, graded: Graded) -> None:
    grade_folder(folder)
    graded.clear()
    grade_folder(folder, "--again")
    assert len(graded) == 3


def test_a_change_of_the_grader_makes_every_result_outdated(
    folder: Path, graded: Graded, monkeypatch: pytest.MonkeyPatch
) -> None:
    grade_folder(folder)
    graded.clear()
    monkeypatch.setattr(handed_in, "_fingerprint_of_grader", lambda _: b"another")
    grade_folder(folder)
    assert len(graded) == 3


def test_the_same_file_from_two_learners_is_graded_once(folder: Path, graded: Graded) -> None:
    (folder / "carol.py").write_text("ada's")
    grade_folder(folder)
    assert graded == ["ada's", "bob's"]
    assert rows(folder)["carol.py"]["score"] == "75"


def test_nothing_that_is_handed_in_stops_the_rest(folder: Path, graded: Graded) -> None:
    (folder / "ada" / "kitchen.py").write_text("crash the grader")
    (folder / "aaron").mkdir()
    (folder / "abel").symlink_to(folder / "bob")
    (folder / "abby" / "one").mkdir(parents=True)
    (folder / "abby" / "two").mkdir()
    for part in ("one", "two"):
        (folder / "abby" / part / "kitchen.py").write_text("x")
    (folder / "alma.py").write_bytes(b"")
    result = grade_folder(folder)
    assert result.exit_code == 2  # somebody's could not be decided
    table = rows(folder)
    assert "No kitchen.py was handed in" in table["aaron"]["message"]
    assert "2 files named kitchen.py" in table["abby"]["message"]
    assert "symbolic link" in table["abel"]["message"]
    assert "empty" in table["alma.py"]["message"]
    assert {table[name]["score"] for name in ("aaron", "abby", "abel", "alma.py")} == {"0"}
    assert table["carol.py"]["score"] == "75"


def test_what_was_not_decided_has_no_score_and_is_graded_again(
    folder: Path, graded: Graded
) -> None:
    (folder / "ada" / "kitchen.py").write_text("undecided")
    assert grade_folder(folder).exit_code == 2
    row = rows(folder)["ada"]
    assert (row["score"], row["crash"], row["verdict"]) == ("", "", "unknown")
    graded.clear()
    grade_folder(folder)
    assert graded == ["undecided"]


def test_a_name_that_is_no_utf8_stops_nothing(folder: Path, graded: Graded) -> None:
    try:
        (folder / os.fsdecode(b"M\xfcller")).mkdir()
    except OSError:
        pytest.skip("this file system knows UTF-8 alone")
    assert grade_folder(folder).exit_code == 0
    assert "No kitchen.py was handed in" in rows(folder)["M�ller"]["message"]
    assert rows(folder)["carol.py"]["score"] == "75"


def test_the_longest_name_stops_nothing(folder: Path, graded: Graded) -> None:
    name = "é" * 126 + ".py"  # 255 bytes
    (folder / name).write_text("x")
    assert grade_folder(folder).exit_code == 0
    assert rows(folder)[name]["score"] == "75"


def test_no_cell_is_a_formula(folder: Path, graded: Graded, monkeypatch: Any) -> None:
    (folder / "=cmd().py").write_text("x")
    bad = report(message="=HYPERLINK(1)\n@x")
    monkeypatch.setattr(handed_in, "grade", lambda *_: bad)
    grade_folder(folder)
    for row in rows(folder).values():
        assert not any(value[:1] in ("=", "+", "-", "@") for value in row.values())


def test_what_is_left_out_is_said(folder: Path, graded: Graded) -> None:
    (folder / "notes.txt").write_text("Ada is ill.")
    result = grade_folder(folder)
    assert "Left out, neither folders nor Python files: notes.txt" in result.output


def test_who_hands_in_an_archive_has_a_row_too(folder: Path, graded: Graded) -> None:
    (folder / "late.ZIP").write_bytes(b"PK")
    grade_folder(folder)
    row = rows(folder)["late.ZIP"]
    assert row["score"] == "0"
    assert row["message"] == "late.ZIP is no Python file; hand in kitchen.py itself."


@pytest.mark.parametrize(
    "path, says", [("nowhere", "no folder"), ("empty", "holds no submissions")]
)
def test_a_folder_without_submissions_is_said(tmp_path: Path, path: str, says: str) -> None:
    (tmp_path / "empty").mkdir()
    result = grade_folder(tmp_path / path)
    assert result.exit_code == 2 and says in " ".join(result.output.split())


def test_ctrl_c_says_that_the_same_command_goes_on(
    folder: Path, graded: Graded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object, source: Callable[[], bytes]) -> Report:
        if source() == b"bob's":
            raise KeyboardInterrupt
        return report()

    with monkeypatch.context() as patch:
        patch.setattr(handed_in, "grade", interrupted)
        result = grade_folder(folder)
    assert result.exit_code == 2 and "Stopped after 1 of 3" in result.output
    grade_folder(folder)
    assert graded == ["bob's", "carol's"]  # ada's was graded before


def test_handed_in_without_the_file_is_a_0_and_not_a_mistake_of_the_command(
    pizza: Pizza, tmp_path: Path
) -> None:
    (tmp_path / "nothing").mkdir()
    run = pizza("check", "dlq", "nothing", "--handed-in", "--json")
    assert run.code == 1 and run.report["score"] == 0
    assert run.report["message"] == "No kitchen.py was handed in."
