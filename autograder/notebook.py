"""Runs a lab's notebook with nbval: our copy of it, our outputs, the learner's module beside it."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

from autograder.checks import prepare_notebook
from autograder.labs import Lab
from autograder.sandbox import Containment, kernel, scratch
from localcloud import Cloud
from localcloud.removing import remove

# Real seconds, by engine: another emulator is busy with the criteria meanwhile.
TIME_BOX_S = {"embedded": 300, "localstack": 1200}
_SANITIZE = Path(__file__).with_name("sanitize.cfg")
_TIED = Path(__file__).with_name("tied.py")
# nbformat's schema validator would compile the grammar of every web address there is: two seconds.
# jupyter_client would import IPython for the directory of its kernels: a third of a second.
_PYTEST = """
import sys
sys.modules["rfc3987_syntax"] = None
sys.modules["IPython"] = None
import pytest, resource
# What the kernel prints is collected here, however much it is.
# What a learner's code logs does not count.
import nbval.plugin
compare = nbval.plugin.IPyNbCell.compare_outputs
nbval.plugin.IPyNbCell.compare_outputs = lambda cell, found, kept, skip=None: compare(
    cell, found, kept, (*cell.parent.skip_compare, "stderr")
)
resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, resource.getrlimit(resource.RLIMIT_DATA)[1]))
sys.exit(pytest.main())
"""
_RAISED = re.compile(r"^\w*(?:Error|Exception|Exit|Interrupt)\b.*", re.MULTILINE)
_MOST_LINES = 24  # of what nbval tells
_ANSI = re.compile(r"(?:\x1b|#x1B)\[[0-9;]*m")  # JUnit XML has no escape characters


class NotebookRun:
    """nbval at work in a clean directory of its own, beside the other criteria."""

    def __init__(self, lab: Lab, source: bytes, cloud: Cloud, contained: Containment):
        notebook = lab.folder / lab.notebook
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        self._code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
        self._time_box_s = TIME_BOX_S[cloud.engine]
        self._deadline = time.monotonic() + self._time_box_s
        self._look_again = 0.0
        self._stopped = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._root = Path(tempfile.mkdtemp(prefix="notebook-"))
        # Only the kernel runs the learner's code: it reads the module's folder and not the results.
        names = ("module", "scratch", "results")
        self._module, self._scratch, self._results = (self._root / name for name in names)
        try:
            self._start(lab, source, cloud, contained)
        except BaseException:
            self.close()
            raise

    def _start(self, lab: Lab, source: bytes, cloud: Cloud, contained: Containment) -> None:
        for directory in (self._module, self._scratch, self._results):
            directory.mkdir()
        for given in lab.given:
            shutil.copy(given, self._module)
        (self._module / lab.module).write_bytes(source)
        kernel.write_spec(self._results, self._module, self._scratch, cloud.port, contained)
        shutil.copy(lab.folder / lab.notebook, self._results / "lab.ipynb")
        account = cloud.account()
        prepare_notebook(lab.id, account)
        learner = account.caller("notebook")
        self._process = subprocess.Popen(
            [
                *(sys.executable, str(_TIED), str(self._root)),
                *(sys.executable, "-c", _PYTEST, "--nbval", "lab.ipynb", "-q", "--color=no"),
                *("-p", "nbval.plugin", "-p", "no:cacheprovider", "--assert=plain"),
                # Without the latter pytest would look at all that lies beside the directory.
                *("-c", os.devnull, *(f"--{o}={self._results}" for o in ("rootdir", "confcutdir"))),
                *("--nbval-kernel-name", kernel.NAME),
                *("--nbval-sanitize-with", str(_SANITIZE), "--nbval-cell-timeout", "60"),
                f"--junitxml={self._results / 'result.xml'}",
            ],
            cwd=self._results,
            env=self._environment(learner.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _environment(self, aws: dict[str, str]) -> dict[str, str]:
        home = str(self._results)
        return {
            **aws,
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": home,
            "IPYTHONDIR": home,
            "JUPYTER_PATH": home,
            "JUPYTER_RUNTIME_DIR": home,
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }

    def look(self) -> None:
        """Stop it when it takes too long or fills its directory; to be called every now and then."""
        if self._stopped or time.monotonic() < self._look_again:
            return
        self._look_again = time.monotonic() + 0.25
        if time.monotonic() > self._deadline:
            self._stopped = f"The notebook was still running after {self._time_box_s} s."
        elif scratch.overfull(self._scratch, kernel.LIMITS.scratch_bytes):
            self._stopped = "The notebook filled its scratch directory."
        if self._stopped:
            self.close()

    def ended(self, seconds: float) -> bool:
        """Whether nbval has ended, after waiting for that for so long at most."""
        self.look()
        if self._stopped:
            return True
        assert self._process is not None and self._process.stdout is not None
        poll = select.poll()
        poll.register(self._process.stdout, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def result(self) -> tuple[str, str] | None:
        """Wait for nbval; return None if every cell printed what it should, else (what, details)."""
        while not self.ended(0.25):
            pass
        if self._stopped:
            return self._stopped, ""
        try:
            suite = ElementTree.parse(self._results / "result.xml").getroot().find("testsuite")
        except (OSError, ElementTree.ParseError):
            return "The notebook could not be run to its end.", ""
        assert suite is not None
        return judged(suite, self._code)

    def close(self) -> None:
        """End nbval and its kernel and remove their directory; harmless when repeated."""
        if self._process is not None:
            assert self._process.stdin and self._process.stdout
            self._process.stdin.close()
            self._process.wait()
            self._process.stdout.close()
            self._process = None
        remove(self._root)


def judged(suite: ElementTree.Element, code: Sequence[str]) -> tuple[str, str] | None:
    """What is wrong with nbval's results, as JUnit XML, for cells with this code: (what, details).

    That its kernel could not be ended in order, when all cells were run, is nothing wrong.
    """
    cases = list(suite.iter("testcase"))
    for case, source in zip(cases, code, strict=False):
        failure = case.find("failure")
        if failure is not None:
            begins, told = source.strip().splitlines()[0], _ANSI.sub("", failure.text or "")
            raised = _RAISED.findall(told) if "mismatch" not in told else []
            ended = (
                f"ended with {raised[-1][:200].strip(': ')}"
                if raised
                else "did not print what it should."
            )
            return f"The cell that begins “{begins}” {ended}", _details(told)
    run = [case for case in cases if all(_after_it(element) for element in case)]
    if len(run) != len(code) or len(cases) != len(code):
        return f"Of {len(code)} cells only {len(run)} could be run.", ""
    return None


def _after_it(element: ElementTree.Element) -> bool:
    """Whether something that is told of a case does not say that it was not run."""
    torn_down = (element.get("message") or "").startswith("failed on teardown")
    return element.tag.startswith("system-") or (element.tag == "error" and torn_down)


def _details(text: str) -> str:
    """The part of nbval's message that shows the difference."""
    lines = [line for line in text.splitlines() if line.strip()]
    start = next(
        (i for i, line in enumerate(lines) if "mismatch" in line or "Traceback" in line), 0
    )
    shown = lines[start:]
    if len(shown) <= _MOST_LINES:
        return "\n".join(shown)
    half = _MOST_LINES // 2
    return "\n".join([*shown[:half], "…", *shown[-half:]])
