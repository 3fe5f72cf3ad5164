"""A grading that is stopped, killed, or loses its engine leaves no process and is never a 0."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder import grading as grading_module
from autograder.checks import checks_of
from autograder.grading import grade
from autograder.labs import load_lab
from autograder.world import World
from tests.autograder.conftest import COURSE, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def grading(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A `pizza check` of the reference at work, which leaves no file behind either."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", "check", "dlq", str(COURSE / "solutions/dlq")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(COURSE), "TMPDIR": str(temporary)},
        start_new_session=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()
    wait_for(lambda: not list(temporary.iterdir()), "its temporary files to be removed")


def children(grading: subprocess.Popen[str], *names: str) -> list[psutil.Process]:
    """Wait until the grading runs all these, then return everything it runs."""
    parent = psutil.Process(grading.pid)

    def all_there() -> bool:
        lines = [command(child) for child in parent.children(recursive=True)]
        return all(any(name in line for line in lines) for name in names)

    wait_for(all_there, " and ".join(names))
    return parent.children(recursive=True)


def command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def gone(processes: list[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


RUNNING = ("localcloud.engine", "zygote")


def test_ctrl_c_says_so_exits_with_2_and_leaves_no_process(
    grading: subprocess.Popen[str],
) -> None:
    started = children(grading, *RUNNING)
    grading.send_signal(signal.SIGINT)
    _, err = grading.communicate(timeout=20)
    assert grading.returncode == 2
    assert "Stopped." in err and "Traceback" not in err
    wait_for(lambda: gone(started), "its processes to end")


def test_a_grading_killed_with_9_leaves_no_process(grading: subprocess.Popen[str]) -> None:
    started = children(grading, *RUNNING)
    grading.kill()
    wait_for(lambda: gone(started), "its processes to end")


def test_the_notebook_ends_with_a_grading_that_is_killed(grading: subprocess.Popen[str]) -> None:
    started = children(grading, "nbval", "inside.kernel")
    grading.kill()
    wait_for(lambda: gone(started), "its processes to end")


def test_an_engine_that_dies_makes_the_verdict_unknown_and_not_0(
    grading: subprocess.Popen[str],
) -> None:
    started = children(grading, "localcloud.engine", "zygote")
    next(child for child in started if "localcloud.engine" in command(child)).kill()
    out, err = grading.communicate(timeout=60)
    assert grading.returncode == 2
    assert "could not be decided" in out and "not your code" in " ".join(out.split())
    assert "Traceback" not in err
    wait_for(lambda: gone(started), "its processes to end")


def test_a_check_that_never_ends_is_no_verdict_on_the_learner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An engine may answer in a way that a check waits for ever; that must not take for ever."""

    def waits(world: World) -> None:
        while True:
            world.look("sqs").list_queues()

    situations = {name: [(waits, ())] for name in checks_of("dlq")}
    monkeypatch.setattr(grading_module, "checks_of", lambda _: situations)
    monkeypatch.setattr(grading_module, "TIME_BOX_S", {"embedded": 1.0})
    monkeypatch.setattr("autograder.search._LONGEST_HISTORY_S", 1.0)
    lab = load_lab("dlq")
    report = grade(lab, lab.solution.read_bytes)
    assert report.verdict == "unknown"
    assert "given up: it took more than 1 s" in report.message


@pytest.mark.parametrize(
    "slowly",
    ["", "    end = time.process_time() + 0.5\n    while time.process_time() < end: pass\n"],
)
def test_a_grading_that_takes_too_long_is_no_verdict_whoever_was_at_work(
    slowly: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grading_module, "TIME_BOX_S", {"embedded": 1.5})
    lab = load_lab("saga")
    source = lab.solution.read_text(encoding="utf-8")
    slow = (
        "\n\nimport time\n_handler = handler\n\n\ndef handler(event, context):\n"
        f"{slowly}    return _handler(event, context)\n"
    )
    report = grade(lab, (source + slow).encode)
    assert report.verdict == "unknown"
    assert "given up: it took more than 1.5 s" in report.message
    assert {criterion.status for criterion in report.criteria} <= {"passed", "unknown"}


def test_ctrl_c_while_the_command_is_being_loaded_is_one_line() -> None:
    interrupted = """
import sys

class Impatient:
    def find_spec(self, name, *_):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Impatient())
from autograder.start import main
main()
"""
    run = subprocess.run([sys.executable, "-c", interrupted], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (2, "Stopped.\n")
