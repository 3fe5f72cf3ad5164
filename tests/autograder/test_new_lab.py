"""`pizza dev new-lab` makes a lab that proves itself before anybody has changed a line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from tests.autograder.conftest import COURSE


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course to make labs in."""
    course = tmp_path_factory.mktemp("course")
    for folder in ("autograder", "localcloud", "operations", "visuals", "labs", "solutions"):
        ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(COURSE / folder, course / folder, ignore=ignored)
    return course


def pizza(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autograder.cli", *arguments],
        cwd=course,
        env={**os.environ, "PYTHONPATH": str(course), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=1800,
    )


@pytest.mark.long
def test_a_new_lab_passes_dev_check(course: Path) -> None:
    """With two of its mutants and one variant; CI's job for labs proves a new one with all of them."""
    made = pizza(course, "dev", "new-lab", "guests")
    assert made.returncode == 0, made.stderr
    assert "labs/guests/lab.ipynb" in made.stdout
    for kind, kept in (("mutants", 2), ("variants", 1)):
        files = sorted((course / "autograder" / kind / "guests").glob("*.py"))
        for file in files[kept:]:
            file.unlink()
    proved = pizza(course, "dev", "check", "guests")
    wrong = [line for line in proved.stdout.splitlines() if line.startswith("✗")]
    assert wrong == ["✗ guests/mutants: 2 of them", "✗ guests/variants: 1 of them"], proved.stdout
    assert "solutions/guests/guests.py: 100 points" in proved.stdout


@pytest.mark.parametrize(
    "name, says",
    [
        ("dlq", "There is a lab dlq already: see labs/dlq."),
        ("Guest-Book", "use small letters, digits and underscores"),
        ("json", "is the name of a Python module"),
        ("boto3", "is the name of a Python module"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_made(name: str, says: str) -> None:
    run = CliRunner().invoke(app, ["dev", "new-lab", name])
    assert run.exit_code == 2 and says in " ".join(run.output.split())
    assert not (COURSE / "solutions" / name).exists() or name == "dlq"
