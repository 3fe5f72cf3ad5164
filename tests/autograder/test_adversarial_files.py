"""What lies beside a submission, or is none, has no effect; nor has the notebook's run on its result."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from rich.console import Console

from autograder.formats import FORMATS
from autograder.formats.terminal import show
from autograder.grading import NotAModule, grade_file, open_engine, read_submission
from autograder.labs import COURSE, load_lab
from autograder.notebook import NotebookRun
from autograder.report import CriterionReport, Report
from autograder.sandbox import Sandbox

LAB = load_lab("dlq")
FEW = LAB.model_copy(update={"criteria": [LAB.criterion("queues")]})

BESIDE = (
    "conftest.py", "sitecustomize.py", "usercustomize.py", "json.py", "boto3.py", "botocore.py",
    "typing.py", "site.py", "autograder.py", "localcloud.py", "pytest.py", "time_machine.py",
)  # fmt: skip


@pytest.mark.slow
def test_files_beside_a_submission_are_never_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "marker"
    folder = tmp_path / "handed-in"
    folder.mkdir()
    for name in BESIDE:
        (folder / name).write_text(
            f"open({str(marker)!r}, 'a').write({name!r})\nraise SystemExit\n"
        )
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (folder / "evil.pth").write_text(f"import os; open({str(marker)!r}, 'a')\n")
    (folder / "lab.ipynb").write_text('{"cells": [], "nbformat": 4, "nbformat_minor": 5}')
    (folder / "kitchen.py").write_bytes(LAB.solution.read_bytes())
    monkeypatch.chdir(folder)
    report = grade_file(FEW, folder / "kitchen.py")
    assert (report.score, report.verdict) == (15, "passed"), report.criteria
    assert not marker.exists()
    assert not (folder / "__pycache__").exists()


@pytest.mark.parametrize("kind", ["symbolic link", "folder", "pipe", "device"])
def test_what_is_no_file_is_no_submission(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "kitchen.py"
    if kind == "symbolic link":
        path.symlink_to(LAB.solution)
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path = Path("/dev/zero")
    with pytest.raises(NotAModule):
        read_submission(path)


IN_A_KERNEL = """

import sys

if "ipykernel" in sys.modules:
    import ctypes, glob, os, signal, socket, subprocess

    got = []

    def attempt(action):
        try:
            got.append(repr(action())[:100])
        except OSError:
            pass

    for path in PATHS:
        attempt(lambda: open(path).read(20))
        attempt(lambda: open(path, "a"))
    attempt(lambda: os.listdir("/tmp"))
    attempt(lambda: os.listdir(".."))
    attempt(lambda: os.kill(os.getppid(), signal.SIGURG))
    attempt(lambda: os.fork() or os._exit(0))
    attempt(lambda: subprocess.run(["true"]))
    attempt(lambda: socket.create_connection(("127.0.0.1", PORT)))
    attempt(lambda: socket.socket(socket.AF_UNIX))
    raise RuntimeError(f"GOT {got}" if got else "all was refused")
"""


@pytest.mark.slow
def test_a_module_in_the_notebook_can_neither_read_the_solution_nor_write_the_result(
    tmp_path: Path,
) -> None:
    with open_engine(LAB) as cloud, Sandbox(b"", module_name="m", endpoint_port=cloud.port) as box:
        if box.containment.level != "full":
            pytest.skip(box.containment.describe())
        secret = tmp_path / "secret"
        secret.write_text("canary-of-another-submission")
        paths = [str(COURSE / "solutions/dlq/kitchen.py"), str(COURSE / "autograder/checks/dlq.py")]
        facts = f"\nPATHS = {[*paths, str(secret), '/etc/passwd']!r}\nPORT = {cloud._process.control_port}"
        source = LAB.solution.read_bytes() + facts.encode() + IN_A_KERNEL.encode()
        run = NotebookRun(LAB, source, cloud, box.containment)
        try:
            found = run.result()
        finally:
            run.close()
    assert found is not None
    assert "all was refused" in found[1]


LEAVES = (
    LAB.solution.read_bytes()
    + b"""

import sys

if "ipykernel" in sys.modules:
    import glob, os

    passed = '<testsuites><testsuite tests="99" errors="0" skipped="0" failures="0"/></testsuites>'
    for path in ("result.xml", *glob.glob("/tmp/*/result.xml")):
        try:
            open(path, "w").write(passed)
        except OSError:
            pass
    os._exit(0)
"""
)


@pytest.mark.slow
def test_a_notebook_whose_kernel_leaves_has_not_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.notebook.TIME_BOX_S", 20)
    with open_engine(LAB) as cloud, Sandbox(b"", module_name="m", endpoint_port=cloud.port) as box:
        run = NotebookRun(LAB, LEAVES, cloud, box.containment)
        try:
            assert run.result() is not None
        finally:
            run.close()


EVIL = (
    "\x1b]0;passed\x07\x1b[2J\r✓ 100 of 100\n::error file=x::evil\n##[error]evil\n"
    "]]></failure><script>evil()</script>```\n| [x](javascript:evil) <img src=x onerror=evil()>"
)


def hostile_report() -> Report:
    """A report in which all that a learner can write is written by an attacker."""
    criteria = [
        CriterionReport(
            id=criterion.id,
            points=0,
            max_points=criterion.points,
            status="failed",
            must=criterion.must,
            message=EVIL,
            history=[EVIL],
            output=EVIL,
            error=[EVIL],
            runs=1,
        )
        for criterion in LAB.criteria
    ]
    return Report(
        lab=LAB.id, title=LAB.title, score=0, max_score=100, verdict="failed", message=EVIL,
        criteria=criteria, engine="embedded", containment="", runs=1, seconds=1,
    )  # fmt: skip


def test_nothing_that_a_submission_writes_is_a_command_to_a_terminal() -> None:
    with open(os.devnull, "w") as nowhere:
        console = Console(
            force_terminal=True, color_system=None, width=200, file=nowhere, record=True
        )
        show(hostile_report(), console, everything=True)
    text = console.export_text(styles=False)
    assert "100 of 100" in text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"classroom50"}))
def test_nothing_that_a_submission_writes_is_markup_or_a_command_in_a_report(name: str) -> None:
    text = FORMATS[name].render(hostile_report(), LAB)
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
    if name in ("html", "markdown", "github"):
        assert "<script>evil" not in text and "<img src=x" not in text
    if name == "junit":
        ElementTree.fromstring(text)
    elif name in ("json", "gradescope"):
        json.loads(text)
