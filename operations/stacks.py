"""CloudFormation: create, update and delete stacks, wait for them, and say why one failed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from operations.engines import Place, Problem

_LONGEST_S = 900.0
_BROKEN = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
"""A stack whose creation failed can only be deleted."""


def describe(place: Place, stack: str) -> dict[str, Any] | None:
    """Return a stack as CloudFormation describes it, None when there is none."""
    try:
        found = place.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return dict(found[0])


def outputs(place: Place, stack: str) -> dict[str, str]:
    """Return a stack's outputs, {} when there is no such stack."""
    found = describe(place, stack) or {}
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}


def put(place: Place, stack: str, body: str, parameters: dict[str, str], module: str) -> str:
    """Begin to make a stack what it should be; return what becomes of it: ``created``, ``updated`` or
    ``unchanged``. Raises Problem."""
    cloudformation = place.client("cloudformation")
    asked = {
        "StackName": stack,
        "TemplateBody": body,
        "Capabilities": ["CAPABILITY_IAM"],
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        "Tags": [
            {"Key": "application", "Value": "pizzeria"},
            {"Key": "module", "Value": module},
        ],
    }
    found = describe(place, stack)
    if found and found["StackStatus"] in _BROKEN:
        remove(place, stack)
        wait(place, stack)
        found = None
    try:
        if found is None:
            cloudformation.create_stack(**asked)
            return "created"
        cloudformation.update_stack(**asked)
        return "updated"
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return "unchanged"
        raise Problem(f"{stack} cannot be deployed: {_said(error)}") from None


def remove(place: Place, stack: str) -> None:
    """Begin to delete a stack."""
    place.client("cloudformation").delete_stack(StackName=stack)


def wait(place: Place, stack: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until a stack is what it is to become; raises Problem with the reason when it does not."""
    deadline = time.monotonic() + _LONGEST_S
    pause = 0.05 if place.endpoint_url else 3.0
    while True:
        found = describe(place, stack)
        status = found["StackStatus"] if found else "DELETE_COMPLETE"
        if not status.endswith("_IN_PROGRESS"):
            break
        if time.monotonic() > deadline:
            raise Problem(
                f"{stack} is still {status} after {_LONGEST_S / 60:.0f} minutes. It goes on by "
                "itself: look at it in the CloudFormation console, then repeat the command."
            )
        sleep(pause)
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"):
        raise Problem(f"{stack} is {status}: {_reason(place, stack)}")


def _reason(place: Place, stack: str) -> str:
    """Return what failed first in the latest operation."""
    events = place.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    failed = [e for e in events if e["ResourceStatus"].endswith("_FAILED")]
    told = [e for e in failed if "cancelled" not in e.get("ResourceStatusReason", "")]
    if not told:
        return "CloudFormation gives no reason."
    first = told[-1]
    return f"{first['LogicalResourceId']}: {first.get('ResourceStatusReason', 'no reason given')}"


def _said(error: ClientError) -> str:
    return str(error.response["Error"].get("Message") or error)
