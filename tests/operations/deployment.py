"""What the tests of a deployed restaurant share."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from typer.testing import CliRunner, Result

from autograder.cli import app

DEADLINE_S = 120


def wait_until(condition: Callable[[], Any], pause: float = 0.05) -> Any:
    """Wait in real time, in which functions run, for a condition to hold; return what it returned.

    `pause`: seconds between two looks. A look that is itself the work of a function is not for free.
    """
    end = time.monotonic() + DEADLINE_S
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {DEADLINE_S} s: {condition}"
        time.sleep(pause)
    return found


def logged(logs: Any) -> str:
    """Return all that the functions have logged, read with a client of CloudWatch Logs."""
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    pages = (
        page
        for group in groups
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    )
    return "\n".join(event["message"] for page in pages for event in page["events"])


def pizza(*arguments: str) -> Result:
    """Run the `pizza` command."""
    return CliRunner().invoke(app, list(arguments))
