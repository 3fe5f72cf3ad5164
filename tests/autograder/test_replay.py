"""One history again, by its number, in the foreground: the learner can print and stop in it."""

from __future__ import annotations

import html
import os
import pty
import re
import select
import shlex
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.formats.words import replay_command
from tests.autograder.conftest import COURSE

FORGETFUL = """
def cook(order):
    print("cooking", order["order_id"])
    {stop}
    table.put_item(Item={{"order_id": order["order_id"], "status": "COOKED"}})
"""
FIRST_OF_COOK = 2_01_000000


@pytest.fixture
def kitchen(tmp_path: Path):
    """Write the reference with another `cook`, which forgets half of the order."""

    def write(stop: str = "pass") -> Path:
        reference = (COURSE / "solutions" / "dlq" / "kitchen.py").read_text(encoding="utf-8")
        path = tmp_path / "kitchen.py"
        path.write_text(reference + FORGETFUL.format(stop=stop), encoding="utf-8")
        return path

    return write


def test_it_prints_while_it_runs_and_then_says_what_did_not_hold(pizza, kitchen):
    run = pizza("check", "dlq", str(kitchen()), "--replay", str(FIRST_OF_COOK))

    assert run.code == 1
    assert re.search(r"^cooking \d{4}$", run.out, re.M)
    assert run.out.index("cooking") < run.out.index("Must hold")
    assert f"--replay {FIRST_OF_COOK}" in run.out


def test_the_command_that_a_report_names_runs_that_history_of_that_file(pizza, kitchen, tmp_path):
    folder = tmp_path / "Ada's work"
    folder.mkdir()
    file = kitchen().rename(folder / "kitchen.py")
    page = tmp_path / "report.html"
    pizza("check", "dlq", str(file), "--report", f"html={page}")

    command = re.search(r"pizza check dlq .+ --replay \d+", html.unescape(page.read_text("utf-8")))
    run = pizza(*shlex.split(command[0])[1:])

    assert re.search(r"^cooking \d{4}$", run.out, re.M)
    assert command[0] in " ".join(run.out.split())


@pytest.mark.parametrize("file", ["", "ada/kitchen.py", str(COURSE / "labs/dlq/kitchen.py")])
def test_no_file_is_named_that_is_not_there_or_that_goes_without_saying(file):
    assert replay_command("dlq", SimpleNamespace(replay=3), file) == "pizza check dlq --replay 3"


def test_a_history_in_which_nothing_breaks_says_so(pizza):
    solution = COURSE / "solutions" / "dlq"
    run = pizza("check", "dlq", str(solution), "--replay", "101000001")

    assert run.code == 0
    assert "it holds" in run.out


def test_a_number_that_no_history_has_is_a_clear_error(pizza, kitchen):
    run = pizza("check", "dlq", str(kitchen()), "--replay", "42")

    assert run.code == 2
    assert "no history 42" in run.err
    assert "Traceback" not in run.err


def test_a_breakpoint_stops_and_answers(kitchen):
    command = ["check", "dlq", str(kitchen("breakpoint()")), "--replay", str(FIRST_OF_COOK)]
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", *command],
        stdin=terminal,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
        cwd=COURSE,
        start_new_session=True,
    )
    os.close(terminal)
    try:
        _read_until(master, "(Pdb)")
        os.write(master, b"p order['quantity'] * 0 + 4711\n")
        said = _read_until(master, "(Pdb)")
    finally:
        process.kill()
        process.wait()
        os.close(master)
    assert "\r\n4711\r\n" in said


def _read_until(terminal: int, text: str, seconds: float = 60) -> str:
    """Return what was said until `text` came; fails when it does not."""
    said, deadline = "", time.monotonic() + seconds
    while text not in said:
        left = deadline - time.monotonic()
        assert left > 0, f"it said only: {said}"
        if select.select([terminal], [], [], left)[0]:
            said += os.read(terminal, 4096).decode(errors="replace")
    return said
