"""What the tests of a deployed restaurant share."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from typer.testing import CliRunner, Result

from autograder.cli import app

DEADLINE_S = 90


def wait_until(condition: Callable[[], Any]) -> Any:
    """Wait in real time, in which functions run, for a condition to hold; return what it returned."""
    end = time.monotonic() + DEADLINE_S
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {DEADLINE_S} s: {condition}"
        time.sleep(0.1)
    return found


def pizza(*arguments: str) -> Result:
    """Run the `pizza` command."""
    return CliRunner().invoke(app, list(arguments))
