"""What the grader's tests share: the `pizza` command run as a learner runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

COURSE = Path(__file__).resolve().parents[2]


@dataclass
class Run:
    """A finished `pizza` command."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        return json.loads(self.out)  # type: ignore[no-any-return]


Pizza = Callable[..., Run]


@pytest.fixture
def pizza(tmp_path: Path) -> Iterator[Pizza]:
    """Run `pizza …` with a state directory of its own; nothing it started may be left."""
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "COLUMNS": "100"}
    environment |= {"PYTHONPATH": str(COURSE), "PYTHON_TEST_MARK": str(tmp_path)}
    environment.pop("AWS_ENDPOINT_URL", None)

    def run(*arguments: str, seconds: float = 120) -> Run:
        done = subprocess.run(
            [sys.executable, "-m", "autograder.cli", *arguments],
            capture_output=True,
            text=True,
            timeout=seconds,
            env=environment,
            cwd=tmp_path,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    yield run
    run("down")
    assert processes_marked(str(tmp_path)) == []


def processes_marked(mark: str) -> list[str]:
    """Command lines of the processes that were started with this mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("PYTHON_TEST_MARK") == mark:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found
