"""The saga lab is proved: starter, reference, variants and mutants get what they must."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.devcheck import declared, mutants, prove_mutant, variants
from autograder.grading import grade, grade_file
from autograder.labs import load_lab
from autograder.report import Report
from autograder.starters import starter

LAB = load_lab("saga")
pytestmark = pytest.mark.slow


def verdicts(report: Report) -> list[tuple[str, str, str]]:
    return [(c.id, c.status, c.message) for c in report.criteria]


def test_the_untouched_starter_is_told_what_to_do_first() -> None:
    report = grade(LAB, lambda: starter(LAB))
    assert report.score < 20 and report.verdict == "failed"
    assert report.first == LAB.first


@pytest.mark.parametrize("path", [LAB.solution, *variants(LAB)], ids=lambda path: path.stem)
def test_a_correct_solution_has_100_points_whatever_its_style(path: Path) -> None:
    report = grade_file(LAB, path)
    assert [v for v in verdicts(report) if v[1] != "passed"] == []
    assert (report.score, report.verdict) == (100, "passed")


@pytest.mark.parametrize("path", mutants(LAB), ids=lambda path: path.stem)
def test_a_mutant_loses_exactly_what_it_declares(path: Path) -> None:
    proof = prove_mutant(LAB, path)
    assert proof.holds, proof.text


def test_every_criterion_is_lost_by_some_mutant() -> None:
    lost = {criterion for path in mutants(LAB) for criterion in declared(path)[1]}
    assert lost >= {c.id for c in LAB.criteria}


def test_the_same_submission_always_gets_the_same_verdicts_and_histories() -> None:
    mutant = next(path for path in mutants(LAB) if path.stem == "failed_before_it_is_undone")
    source = LAB.solution.read_bytes() + mutant.read_bytes()
    first, again = (grade(LAB, lambda: source) for _ in range(2))
    assert verdicts(first) == verdicts(again)
    assert [c.history for c in first.criteria] == [c.history for c in again.criteria]
