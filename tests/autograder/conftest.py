"""What the grader's tests share: the `pizza` command as a learner runs it, a recorded report, benches."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from counters import PREAMBLE

from autograder.bench import Bench
from autograder.grading import open_bench
from autograder.labs import load_lab
from autograder.report import Report
from localcloud import Cloud, start

COURSE = Path(__file__).resolve().parents[2]
_RECORDED = Path(__file__).parent / "recorded" / "lost_order.json"  # a real grading of a mutant
# What the runner of Classroom 50 puts into the environment.
CLASSROOM50 = {
    "CLASSROOM": "patterns",
    "ASSIGNMENT": "dlq",
    "ASSIGNMENT_TYPE": "individual",
    "OWNER": "ada",
    "SUBMISSION_TAG": "submit/2026-09-01T10-00-00Z-a1b2c3d",
    "COMMIT_URL": "https://example.org/commit/1",
    "RELEASE_URL": "https://example.org/release/1",
    "REVIEW_URL": "https://example.org/review/1",
}


def lost_order_report() -> Report:
    """75 points: a mutant of dlq that loses an order, with the calls of both failing histories."""
    return Report.model_validate_json(_RECORDED.read_bytes())


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 90) -> None:
    """Return as soon as `condition` holds; fails when that takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still waiting for {what}"
        time.sleep(0.005)


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
    """Run `pizza …` with a state directory of its own; nothing it started or wrote may be left."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "COLUMNS": "100"}
    environment |= {"PYTHONPATH": str(COURSE), "PYTHON_TEST_MARK": str(tmp_path)}
    environment["TMPDIR"] = str(temporary)
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
    assert list(temporary.iterdir()) == []


@pytest.fixture(scope="module")
def clouds() -> Iterator[list[Cloud]]:
    with start(guarded=True) as one, start(guarded=True) as two:
        yield [one, two]


@pytest.fixture
def bench(clouds: list[Cloud]) -> Iterator[Callable[..., list[Bench]]]:
    """Return the benches, one a lane, on which a module of counters with this text runs."""
    with ExitStack() as opened:

        def make(text: str, lanes: int = 1) -> list[Bench]:
            source = (PREAMBLE + text).encode()
            lab = load_lab("dlq")
            return [opened.enter_context(open_bench(lab, source, c)) for c in clouds[:lanes]]

        yield make


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
