"""What the checks of the claim_check lab measure: sizes, expiry, and what an engine cannot tell."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pytest

from autograder.checks.cloakroom import (
    its_own_message,
    must_not_tell,
    must_not_tell_who_is_who,
    size_of,
)
from autograder.checks.lifecycle import days_until_expired, must_not_keep_versions
from autograder.grading import grade
from autograder.labs import load_lab
from autograder.world import Violated

LAB = load_lab("claim_check")


@pytest.mark.long
def test_where_permissions_are_not_enforced_the_report_says_so() -> None:
    report = grade(LAB.model_copy(update={"iam": False}), LAB.solution.read_bytes)
    said = {criterion.id: criterion.message for criterion in report.criteria}
    assert report.score == 100
    assert said["permissions"] == ("Not checked on this engine: it does not enforce IAM policies.")


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


def message_with(key: str) -> dict:
    return {"Body": f'{{"order_id": "2355", "key": "{key}", "sha256": "10877"}}'}


CALLER = {"customer": {"phone": "+39 081 3551087"}}


@pytest.mark.parametrize(
    "key",
    ["coats/3551087", "coats/+39-081-355-1087", "coats/(081)355.10.87", "coats/081%203551087"],
)
def test_a_phone_number_is_found_however_it_is_written(key: str) -> None:
    with pytest.raises(Violated, match="phone"):
        must_not_tell(message_with(key), CALLER)


def test_digits_from_several_fields_are_no_phone_number() -> None:
    must_not_tell(message_with("1087a"), CALLER)


def keys(pattern: str, start: int = 0) -> list[str]:
    """Eight keys of one customer, with something random in each."""
    numbers = range(start, start + 8)
    return [pattern.format(random=hashlib.md5(bytes([n])).hexdigest()) for n in numbers]


def must_tell(one: list[str], other: list[str]) -> str:
    with pytest.raises(Violated) as told:
        must_not_tell_who_is_who("key", one, other)
    return str(told.value)


def test_a_key_must_not_tell_who_has_ordered() -> None:
    must_not_tell_who_is_who("key", keys("coats/2026/{random}"), keys("coats/2026/{random}", 8))
    assert "'9588'" in must_tell(keys("coats/9588/{random}"), keys("coats/1234/{random}"))
    assert "'1234'" in must_tell(keys("coats/{random}"), keys("coats/1234/{random}"))


def test_part_of_a_key_must_not_tell_it_either() -> None:
    assert "'hop'" in must_tell(keys("coats/HOP{random}"), keys("coats/LIS{random}"))


def test_a_time_and_a_random_character_after_it_tell_nothing() -> None:
    must_not_tell_who_is_who(
        "key", keys("coats/20261122{random}"), keys("coats/20261122{random}", 8)
    )


def versioned(status: str, *rules: dict) -> SimpleNamespace:
    """A world whose buckets have these rules."""
    s3 = SimpleNamespace(
        get_bucket_versioning=lambda Bucket: {"Status": status},
        get_bucket_lifecycle_configuration=lambda Bucket: {"Rules": rules},
    )
    return SimpleNamespace(look=lambda service: s3)


ENDS_OLD = {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}


def test_old_versions_of_coats_must_expire() -> None:
    rule = {**COATS_15, "Filter": {"Prefix": "coats/"}}
    must_not_keep_versions(versioned("Enabled", {**rule, **ENDS_OLD}), "restaurant", made=True)
    must_not_keep_versions(versioned("", rule), "restaurant", made=False)
    with pytest.raises(Violated, match="old version"):
        must_not_keep_versions(versioned("Enabled", rule), "restaurant", made=True)
    with pytest.raises(Violated, match="without versioning"):
        must_not_keep_versions(versioned("Enabled", {**rule, **ENDS_OLD}), "restaurant", made=False)
