"""Deploying the restaurant, or a module of it, and taking it away again. Doing either twice does no harm."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import ClientError

from operations import packaging, receiver, stacks
from operations.engines import Place, Problem
from operations.modules import Module, all_modules, find, waves, with_needs
from pizzeria.menu import MENU

STOCK = 1000
"""Pizzas of each kind in stock when the restaurant opens."""

Tell = Callable[[Module, str, float], None]
"""What became of a module (created, updated, unchanged, removed), and how many seconds it took."""


def standing(place: Place) -> dict[str, Module]:
    """Return what is deployed, by family."""
    pages = place.client("cloudformation").get_paginator("describe_stacks").paginate()
    tags = (
        {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
        for page in pages
        for stack in page["Stacks"]
        if stack["StackName"].startswith("pizzeria-")
    )
    found = [all_modules()[t["module"]] for t in tags if t.get("module") in all_modules()]
    return {module.family: module for module in found}


def planned(place: Place, name: str | None) -> list[list[Module]]:
    """Return what to deploy, in waves: a module and what it lacks, or all; raises Problem.

    Where all is asked for, the saga that is there stays.
    """
    there = standing(place)
    if name is not None:
        return waves(with_needs(find(name), set(there)))
    saga = there.get("saga", find("saga"))
    others = [module for module in all_modules().values() if module.family != "saga"]
    return waves([*others, saga])


def deploy(
    place: Place, plan: Iterable[list[Module]], tell: Tell, settings: dict[str, str] | None = None
) -> None:
    """Deploy wave by wave; `settings`: parameters of templates. Raises Problem."""
    given = {**_parameters(place), **(settings or {})}
    for wave in plan:
        began = time.monotonic()
        becomes = {}
        for module in wave:
            parameters = {k: v for k, v in given.items() if k in module.parameters}
            body = module.template.read_text(encoding="utf-8")
            becomes[module] = stacks.put(place, module.stack, body, parameters, module.name)
        for module, what in becomes.items():
            if what != "unchanged":
                stacks.wait(place, module.stack)
            tell(module, what, time.monotonic() - began)
        if any(module.name == "inventory" for module in wave):
            fill_stock(place)


def destroy(place: Place, name: str | None, tell: Tell) -> None:
    """Take a module away, or all of them; raises Problem."""
    there = standing(place)
    if name is None:
        plan = list(reversed(waves(list(there.values()))))
    else:
        module = there.get(find(name).family)
        plan = [[module]] if module else []
        others = sorted(there.keys() - {"core"})
        if module and module.name == "core" and others:
            raise Problem(
                f"The others stand on core: {', '.join(others)}. Remove them first, or all at once "
                "with: pizza destroy"
            )
    for wave in plan:
        began = time.monotonic()
        for module in wave:
            if module.name == "core":
                _empty(place, f"pizzeria-claims-{place.account}-{place.region}")
            stacks.remove(place, module.stack)
        for module in wave:
            stacks.wait(place, module.stack)
            tell(module, "removed", time.monotonic() - began)
    if name is None:
        bucket = code_bucket(place)
        if _empty(place, bucket):
            place.client("s3").delete_bucket(Bucket=bucket)


def code_bucket(place: Place) -> str:
    """Return the bucket for deployment packages: the one thing that no template makes."""
    return f"pizzeria-code-{place.account}-{place.region}"


def fill_stock(place: Place) -> None:
    """Put pizzas in stock where there are none yet."""
    for pizza in MENU:
        try:
            place.client("dynamodb").put_item(
                TableName="inventory",
                Item={"pk": {"S": f"stock#{pizza}"}, "available": {"N": str(STOCK)}},
                ConditionExpression="attribute_not_exists(pk)",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise


def _parameters(place: Place) -> dict[str, str]:
    """Upload what the templates refer to; return all parameters that some template has."""
    package = packaging.package(place)
    definition = (packaging.PIZZERIA / "saga" / "order_saga.asl.json").read_bytes()
    return {
        "CodeBucket": code_bucket(place),
        "CodeKey": _upload(place, package, ".zip"),
        "DefinitionKey": _upload(place, definition, ".asl.json"),
        "Architecture": packaging.architecture(place),
        "OtlpEndpoint": os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or _receiver(place),
        "Gateway": place.gateway,
    }


def _receiver(place: Place) -> str:
    """Return where the receiver of `pizza up` takes traces; only the embedded engine can reach it."""
    return (receiver.endpoint() or "") if place.engine == "embedded" else ""


def _upload(place: Place, content: bytes, suffix: str) -> str:
    """Upload to the code bucket, which is made if need be; return the key."""
    s3, bucket, key = place.client("s3"), code_bucket(place), packaging.named(content, suffix)
    more: dict[str, Any] = {}
    if place.region != "us-east-1":
        more["CreateBucketConfiguration"] = {"LocationConstraint": place.region}
    try:
        s3.create_bucket(Bucket=bucket, **more)
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
    s3.put_object(Bucket=bucket, Key=key, Body=content)
    return key


def _empty(place: Place, bucket: str) -> bool:
    """Delete all that is in a bucket; return whether there is such a bucket."""
    s3 = place.client("s3")
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for page in pages:
            if keys := [{"Key": each["Key"]} for each in page.get("Contents", [])]:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return False
        raise
    return True
