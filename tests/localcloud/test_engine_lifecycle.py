"""Lifecycle rules of a bucket are kept, and refused, as AWS does it."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

import localcloud

COATS_15 = {"Status": "Enabled", "Expiration": {"Days": 15}}


@pytest.fixture(scope="module")
def s3():
    with localcloud.start() as cloud:
        s3 = cloud.account().client("s3")
        s3.create_bucket(Bucket="restaurant")
        yield s3


def put(s3, *rules: dict) -> list[dict]:
    """Put these rules; return what is there then."""
    wanted = {"Rules": list(rules)}
    s3.put_bucket_lifecycle_configuration(Bucket="restaurant", LifecycleConfiguration=wanted)
    return list(s3.get_bucket_lifecycle_configuration(Bucket="restaurant")["Rules"])


def test_a_rule_keeps_a_prefix_of_its_own(s3):
    rules = [
        {**COATS_15, "ID": "all", "Filter": {}},
        {**COATS_15, "ID": "old", "Prefix": "coats & hats/"},
        {**COATS_15, "ID": "new", "Filter": {"Prefix": "menu/"}},
        {**COATS_15, "ID": "older", "Prefix": ""},
    ]
    found = put(s3, *rules)

    assert [rule.get("Prefix") for rule in found] == [None, "coats & hats/", None, ""]
    assert [rule.get("Filter", {}).get("Prefix") for rule in found] == [None, None, "menu/", None]
    assert put(s3, *found) == found


def test_a_rule_without_an_id_gets_one(s3):
    first, second = put(
        s3, {**COATS_15, "Filter": {"Prefix": "coats/"}}, {**COATS_15, "Filter": {}}
    )

    assert first["ID"] and second["ID"] and first["ID"] != second["ID"]


@pytest.mark.parametrize(
    "code, rules",
    [
        ("InvalidArgument", 2 * [{**COATS_15, "ID": "coats", "Filter": {}}]),
        (
            "MalformedXML",
            [
                {
                    "Status": "Enabled",
                    "Filter": {},
                    "Expiration": {"Days": 15, "ExpiredObjectDeleteMarker": True},
                }
            ],
        ),
    ],
)
def test_rules_that_say_two_things_at_once_are_refused(s3, code, rules):
    before = put(s3, {**COATS_15, "ID": "coats", "Filter": {}})

    with pytest.raises(ClientError) as refused:
        put(s3, *rules)

    assert refused.value.response["Error"]["Code"] == code
    assert s3.get_bucket_lifecycle_configuration(Bucket="restaurant")["Rules"] == before
