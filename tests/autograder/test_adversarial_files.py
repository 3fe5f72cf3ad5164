"""What lies beside a submission, or is none, has no effect; nor has the notebook's run on its result."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import psutil
import pytest

from autograder.engines import open_engine
from autograder.grading import NotAModule, grade_file, read_submission
from autograder.labs import COURSE, load_lab
from autograder.notebook import NotebookRun
from autograder.sandbox import Sandbox
from tests.autograder.conftest import wait_for

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


LEAVES = """

import sys

if "ipykernel" in sys.modules:
    import os

    counts = 'tests="CELLS" errors="0" skipped="0" failures="0"'
    try:
        with open(RESULT, "w") as file:
            file.write(f"<testsuites><testsuite {counts}/></testsuites>")
    finally:
        os._exit(0)
"""


@pytest.mark.slow
def test_a_kernel_that_leaves_has_written_no_result_and_has_not_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known_place(prefix: str) -> str:
        (tmp_path / prefix).mkdir()
        return str(tmp_path / prefix)

    monkeypatch.setattr("autograder.notebook.TIME_BOX_S", {"embedded": 12})
    cells = json.loads((LAB.folder / LAB.notebook).read_text(encoding="utf-8"))["cells"]
    count = sum(cell["cell_type"] == "code" for cell in cells)
    result = tmp_path / "notebook-" / "results" / "result.xml"
    attack = f"\nRESULT = {str(result)!r}\n{LEAVES.replace('CELLS', str(count))}".encode()
    with open_engine(LAB) as cloud, Sandbox(b"", module_name="m", endpoint_port=cloud.port) as box:
        if box.containment.level != "full":
            pytest.skip(box.containment.describe())
        with monkeypatch.context() as places:
            places.setattr(tempfile, "mkdtemp", known_place)
            run = NotebookRun(LAB, LAB.solution.read_bytes() + attack, cloud, box.containment)
        try:
            kernel = _kernel_of(run)
            wait_for(lambda: kernel.status() == psutil.STATUS_ZOMBIE, "the kernel to leave")
            assert not result.exists()
            assert run.result() == ("The notebook was still running after 12 s.", "")
        finally:
            run.close()
        assert not result.parent.exists()


def _kernel_of(run: NotebookRun) -> psutil.Process:
    """The kernel, as soon as nbval has started it."""
    assert run._process is not None
    tied = psutil.Process(run._process.pid)
    wait_for(lambda: len(tied.children(recursive=True)) == 2, "nbval and its kernel")
    return tied.children(recursive=True)[1]


BOMBS = {
    "files": ("open(f'f{n}', 'wb').write(bytes(10 << 20))", "filled its scratch directory"),
    "depths": ("os.mkdir('d'); os.chdir('d')", "filled its scratch directory"),
    "output": (
        "print('x' * (1 << 20))",
        "ended with OSError: the notebook printed more than 16 MiB",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_in_the_notebook_is_cut_short(kind: str) -> None:
    action, told = BOMBS[kind]
    bomb = f"""
import os, sys

if "ipykernel" in sys.modules:
    os.chdir(os.environ["HOME"])
    for n in range(10**6):
        {action}
"""
    with open_engine(LAB) as cloud, Sandbox(b"", module_name="m", endpoint_port=cloud.port) as box:
        run = NotebookRun(LAB, LAB.solution.read_bytes() + bomb.encode(), cloud, box.containment)
        try:
            found = run.result()
        finally:
            run.close()
    assert found is not None and told in found[0]
    assert not run._root.exists()
