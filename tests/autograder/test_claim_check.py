"""The claim_check lab is proved: starter, reference, variants and mutants get what they must."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.checks.claim_check import days_until_expired
from autograder.checks.cloakroom import its_own_message, size_of
from autograder.devcheck import declared, mutants, mutated, prove_mutant, variants
from autograder.grading import grade, grade_file
from autograder.labs import load_lab
from autograder.starters import starter

LAB = load_lab("claim_check")


@pytest.mark.slow
def test_the_untouched_starter_is_told_what_to_do_first() -> None:
    report = grade(LAB, lambda: starter(LAB))
    assert report.score < 20 and report.verdict == "failed"
    assert report.first == LAB.first


@pytest.mark.slow
@pytest.mark.parametrize("path", [LAB.solution, *variants(LAB)], ids=lambda path: path.stem)
def test_a_correct_solution_has_100_points_whatever_its_style(path: Path) -> None:
    report = grade_file(LAB, path)
    assert [(c.id, c.message) for c in report.criteria if c.status != "passed"] == []
    assert (report.score, report.verdict) == (100, "passed")


@pytest.mark.slow
@pytest.mark.parametrize("path", mutants(LAB), ids=lambda path: path.stem)
def test_a_mutant_loses_exactly_what_it_declares(path: Path) -> None:
    proof = prove_mutant(LAB, path)
    assert proof.holds, proof.text


@pytest.mark.slow
def test_the_same_submission_always_gets_the_same_verdicts_and_histories() -> None:
    mutant = next(path for path in mutants(LAB) if path.stem == "takes_the_coat_away")
    first, again = (grade(LAB, lambda: mutated(LAB, mutant)) for _ in range(2))
    found = [[(c.id, c.status, c.message, c.history) for c in r.criteria] for r in (first, again)]
    assert found[0] == found[1]


@pytest.mark.slow
def test_where_permissions_are_not_enforced_the_report_says_so() -> None:
    report = grade(LAB.model_copy(update={"iam": False}), LAB.solution.read_bytes)
    said = {criterion.id: criterion.message for criterion in report.criteria}
    assert report.score == 100
    assert said["permissions"] == ("Not checked on this engine: it does not enforce IAM policies.")


def test_every_criterion_is_lost_by_some_mutant() -> None:
    lost = {criterion for path in mutants(LAB) for criterion in declared(path)[1]}
    assert lost >= {c.id for c in LAB.criteria}


def test_the_size_of_a_message_is_counted_as_sqs_counts_it() -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html"""
    body, kind, trace = len("è".encode()), len("kindStringdocument"), len("trace_idStringt-1")
    assert size_of(its_own_message("è", "t-1")) == body + kind + trace
    assert size_of({"Body": "abc"}) == 3


COATS_15 = {"Status": "Enabled", "Expiration": {"Days": 15}}


@pytest.mark.parametrize(
    "rule",
    [
        {**COATS_15, "Filter": {"Prefix": "coats/"}},
        {**COATS_15, "Prefix": "coats/"},  # as it was written before there were filters
        {**COATS_15, "Filter": {"And": {"Prefix": "coats/"}}},
        {**COATS_15, "Filter": {}},  # all objects
    ],
)
def test_a_rule_that_lets_coats_expire_is_understood(rule: dict) -> None:
    assert days_until_expired([rule], "coats/17") == 15


@pytest.mark.parametrize(
    "rule",
    [
        {**COATS_15, "Filter": {"Prefix": "menu/"}},
        {**COATS_15, "Filter": {"Prefix": "coats/"}, "Status": "Disabled"},
        {**COATS_15, "Filter": {"And": {"Prefix": "coats/", "ObjectSizeGreaterThan": 9}}},
        {**COATS_15, "Filter": {"Prefix": "coats/"}, "Expiration": {"Date": "2027-01-01"}},
        {"Status": "Enabled", "Filter": {"Prefix": "coats/"}, "Transitions": []},
    ],
)
def test_a_rule_that_does_not_let_all_coats_expire_counts_for_nothing(rule: dict) -> None:
    assert days_until_expired([rule], "coats/17") is None


def test_the_first_of_several_rules_counts() -> None:
    rules = [
        {**COATS_15, "Filter": {"Prefix": "coats/"}},
        {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 3}},
    ]
    assert days_until_expired(rules, "coats/17") == 3
    assert days_until_expired(rules, "menu/card") == 3
