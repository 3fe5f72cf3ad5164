"""Lifecycle rules of a bucket: what the lab `claim_check` asks for, and what was there before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from autograder.checks.cloakroom import COATS
from autograder.world import Violated, World

EXPIRE_AFTER_DAYS = 15


def put_rules_of_others(world: World, bucket: str) -> list[dict[str, Any]]:
    """Put rules into the bucket; return them as S3 gives them back."""
    rules: list[dict[str, Any]] = [
        {"ID": "drafts", "Filter": {"Prefix": "drafts/"}, "Expiration": {"Days": 90}},
        {
            "ID": "photos",
            "Filter": {"Prefix": "photos/"},
            "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
        },
        {
            "ID": "trials",
            "Filter": {"Tag": {"Key": "trial", "Value": "yes"}},
            "Expiration": {"Days": 1},
        },
        {
            "ID": "parts",
            "Filter": {"Prefix": COATS},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
        {"ID": "summer", "Filter": {"Prefix": "menu/"}, "Expiration": {"Days": 60}},
        {"ID": "winter", "Filter": {"Prefix": COATS}, "Expiration": {"Days": EXPIRE_AFTER_DAYS}},
    ]
    for rule in rules:
        rule["Status"] = "Disabled" if rule["ID"] in ("summer", "winter") else "Enabled"
    world.look("s3").put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": rules}
    )
    return rules_of(world, bucket)


def rules_of(world: World, bucket: str) -> list[dict[str, Any]]:
    """The bucket's lifecycle rules."""
    try:
        reply = world.look("s3").get_bucket_lifecycle_configuration(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            raise Violated(
                "There is no bucket of the name that create_cloakroom was given."
            ) from None
        return []
    return list(reply["Rules"])


def must_expire(world: World, bucket: str, others: dict[str, int | None]) -> None:
    """Coats expire when they must, other objects of the bucket as `others` says, or never."""
    rules = rules_of(world, bucket)
    coat = f"{COATS}{world.random.getrandbits(32):08x}"
    neighbour = f"{COATS.removesuffix('/')}-archive/2026"
    expected = {coat: EXPIRE_AFTER_DAYS, "menu/card.txt": None, neighbour: None, **others}
    for key, days in expected.items():
        found = days_until_expired(rules, key)
        if found != days:
            now = f"expires after {found} days" if found else "never expires"
            must = f"must expire after {days} days" if days else "must never expire"
            raise Violated(f"An object called {key} {now}; it {must}.")


def must_not_keep_versions(world: World, bucket: str, made: bool) -> None:
    """A bucket that was there has no versioning now; one that was made may, if old versions expire, too.

    In a bucket with versions an object that expires is hidden, and its bytes stay.
    """
    status = world.look("s3").get_bucket_versioning(Bucket=bucket).get("Status")
    if status and not made:
        raise Violated(
            f"The bucket was there without versioning, and its versioning is {status} now: what is "
            "deleted or replaced in it is kept from now on."
        )
    if status == "Enabled" and not any(map(_ends_old_coats, rules_of(world, bucket))):
        raise Violated(
            "The bucket’s versioning is Enabled, and no rule lets old versions below coats/ expire: "
            "a coat that has expired stays for ever as an old version."
        )


def _ends_old_coats(rule: dict[str, Any]) -> bool:
    return "NoncurrentVersionExpiration" in rule and _applies(rule, f"{COATS}17")


def _applies(rule: dict[str, Any], key: str) -> bool:
    """Whether a rule is for all objects of that name."""
    condition = rule.get("Filter", {"Prefix": rule.get("Prefix", "")})
    condition = condition.get("And", condition)
    named = set(condition) <= {"Prefix"} and key.startswith(condition.get("Prefix", ""))
    return named and rule["Status"] == "Enabled"


def days_until_expired(rules: Sequence[dict[str, Any]], key: str) -> int | None:
    """After how many days S3 lets an object of that name expire; None: never.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
    """
    found = [rule.get("Expiration", {}).get("Days") for rule in rules if _applies(rule, key)]
    return min((int(days) for days in found if days is not None), default=None)
