"""The same five tests of plain functions here, under otter-grader and under nbgrader, in one run.

What is compared is the cost of one submission, everything included that its grading needs: a process of
its own, loading the tools, running, a result. It says nothing about what the graders find: theirs run
the tests in the learner's own process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROUNDS = 3
SUBMISSION = """
def total(prices): return sum(prices)
def vat(net): return round(net * 0.19, 2)
def largest(prices): return max(prices)
def names(orders): return [order["pizza"] for order in orders]
def minutes(distance): return 10 + 2 * distance
"""
TESTS = [
    ("total", [[1, 2, 3]], 6),
    ("vat", [100], 19.0),
    ("largest", [[4, 9, 2]], 9),
    ("names", [[{"pizza": "funghi"}]], ["funghi"]),
    ("minutes", [5], 20),
]
OURS = """
import sys
from autograder.sandbox import Sandbox
tests = {tests!r}
with Sandbox(open(sys.argv[1], "rb").read(), module_name="functions", endpoint_port=9, services=[]) as box:
    environment = box.environment()
    passed = sum(environment.invoke(name, *given).value == wanted for name, given, wanted in tests)
print(passed)
"""


def notebook(*cells: tuple[str, str, dict]) -> str:
    """A notebook of (type, source, metadata) cells."""
    made = []
    for kind, source, metadata in cells:
        cell = {"cell_type": kind, "source": source, "metadata": metadata, "id": f"c{len(made)}"}
        made.append({**cell, "outputs": [], "execution_count": None} if kind == "code" else cell)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


def seconds(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    """The best of some rounds; raises CalledProcessError when one fails."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.monotonic()
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
        best = min(best, time.monotonic() - started)
    return best


def install(folder: Path, *packages: str) -> dict[str, str]:
    """Make an environment with these packages and return the variables to run in it."""
    venv.create(folder, with_pip=True)
    subprocess.run(
        [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *packages], check=True
    )
    return {
        **os.environ,
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "VIRTUAL_ENV": str(folder),
    }


def here(folder: Path) -> float:
    (folder / "functions.py").write_text(SUBMISSION)
    command = [sys.executable, "-c", OURS.format(tests=TESTS), "functions.py"]
    return seconds(command, folder, {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])})


def otter(folder: Path) -> float:
    """otter-grader: an assignment in its notebook format, graded by ``otter run``."""
    environment = install(folder / "venv", "otter-grader[grading]", "ipykernel")
    cells: list[tuple[str, str, dict]] = [
        ("raw", "# ASSIGNMENT CONFIG\ngenerate: true\ninit_cell: true\n", {}),
        ("raw", "# BEGIN QUESTION\nname: q1\npoints: 5\n", {}),
        ("raw", "# BEGIN SOLUTION", {}),
        ("code", SUBMISSION, {}),
        ("raw", "# END SOLUTION", {}),
        ("raw", "# BEGIN TESTS", {}),
        *(("code", f"{name}(*{given!r}) == {wanted!r}", {}) for name, given, wanted in TESTS),
        ("raw", "# END TESTS", {}),
        ("raw", "# END QUESTION", {}),
    ]
    (folder / "lab.ipynb").write_text(notebook(*cells))
    assign = ["otter", "assign", "lab.ipynb", "dist", "--no-run-tests"]
    subprocess.run(assign, cwd=folder, env=environment, check=True, capture_output=True)
    package = next((folder / "dist" / "autograder").glob("*.zip"))
    (folder / "handed-in.ipynb").write_text(notebook(("code", SUBMISSION, {})))
    return seconds(["otter", "run", "-a", str(package), "handed-in.ipynb"], folder, environment)


def nbgrader(folder: Path) -> float:
    """nbgrader: one assignment, one submission, graded by ``nbgrader autograde --force``."""
    environment = install(folder / "venv", "nbgrader", "ipykernel")
    course = folder / "course"
    told = {"grade": False, "solution": True, "locked": False, "schema_version": 3, "task": False}
    graded = {"grade": True, "solution": False, "locked": True, "schema_version": 3, "task": False}
    cells: list[tuple[str, str, dict]] = [
        ("code", SUBMISSION, {"nbgrader": {**told, "grade_id": "functions"}}),
        *(
            (
                "code",
                f"assert {name}(*{given!r}) == {wanted!r}",
                {"nbgrader": {**graded, "grade_id": name, "points": 1}},
            )
            for name, given, wanted in TESTS
        ),
    ]
    for place in ("source/lab", "submitted/ada/lab"):
        (course / place).mkdir(parents=True)
        (course / place / "lab.ipynb").write_text(notebook(*cells))
    for step in (["generate_assignment", "lab"], ["autograde", "lab"]):
        subprocess.run(
            ["nbgrader", *step], cwd=course, env=environment, check=True, capture_output=True
        )
    return seconds(["nbgrader", "autograde", "lab", "--force"], course, environment)


def main() -> None:
    table = Table("grader", "seconds a submission", "ratio")
    with tempfile.TemporaryDirectory() as temporary:
        ours = 0.0
        for grader in (here, otter, nbgrader):
            folder = Path(temporary, grader.__name__)
            folder.mkdir()
            taken = grader(folder)
            ours = ours or taken
            name = "this one" if grader is here else grader.__name__
            table.add_row(name, f"{taken:.2f}", f"{taken / ours:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
