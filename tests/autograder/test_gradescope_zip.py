"""The zip for Gradescope works as Gradescope uses it, and the autograder for Classroom 50 as that does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from tests.autograder.conftest import CLASSROOM50, COURSE

# What is in the environment there: nothing of this course, nothing of these tests.
BARE = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PIZZA_PYTHON": sys.executable}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("zip") / "dlq.zip"
    result = CliRunner().invoke(app, ["dev", "gradescope", "dlq", "--out", str(file)])
    assert result.exit_code == 0, result.output
    return file


@pytest.fixture
def autograder(archive: Path, tmp_path: Path) -> Path:
    """/autograder as Gradescope lays it out, after it has run setup.sh."""
    root = tmp_path / "autograder"
    for folder in ("source", "submission", "results"):
        (root / folder).mkdir(parents=True)
    with zipfile.ZipFile(archive) as content:
        for entry in content.infolist():
            path = Path(content.extract(entry, root / "source"))
            path.chmod(entry.external_attr >> 16 & 0o777)
    shutil.copy2(root / "source/run_autograder", root)
    run(root, root / "source/setup.sh").check_returncode()
    return root


def run(root: Path, script: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(script)],
        cwd=root,
        env={**BARE, "AUTOGRADER_ROOT": str(root), "HOME": str(root)},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_scripts_are_at_the_root_and_can_be_run(archive: Path) -> None:
    with zipfile.ZipFile(archive) as content:
        for name in ("setup.sh", "run_autograder"):
            assert content.getinfo(name).external_attr >> 16 & 0o111


def test_no_solution_and_nothing_as_good_as_one_leaves_the_house(archive: Path) -> None:
    with zipfile.ZipFile(archive) as content:
        names = content.namelist()
    assert "course/autograder/checks/dlq.py" in names and "course/labs/dlq/lab.ipynb" in names
    parts = {part for name in names for part in Path(name).parts}
    assert not {"solutions", "mutants", "variants", "starters", "kitchen.py", ".pizza"} & parts


def test_the_same_course_makes_the_same_zip(archive: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    CliRunner().invoke(app, ["dev", "gradescope", "dlq", "--out", str(again)])
    assert again.read_bytes() == archive.read_bytes()


@pytest.mark.slow
def test_a_submission_is_graded_into_results_json(autograder: Path) -> None:
    (autograder / "submission" / "kitchen.py").write_text("def handler(:\n")
    done = run(autograder, autograder / "run_autograder")
    assert done.returncode == 0, done.stderr
    result = json.loads((autograder / "results/results.json").read_text())
    assert result["score"] == 0 and len(result["tests"]) == 9
    assert "SyntaxError: invalid syntax (kitchen.py, line 1" in result["output"]


@pytest.mark.slow
def test_a_submission_without_the_file_is_told_so(autograder: Path) -> None:
    (autograder / "submission" / "Kitchen final (2).py").write_text("x = 1\n")
    assert run(autograder, autograder / "run_autograder").returncode == 0
    result = json.loads((autograder / "results/results.json").read_text())
    assert result["score"] == 0 and "No kitchen.py was handed in." in result["output"]


@pytest.mark.slow
def test_a_grading_that_fails_itself_leaves_no_result(autograder: Path) -> None:
    (autograder / "results/results.json").write_text("{}")
    (autograder / "submission" / "kitchen.py").write_text("x = 1\n")
    (autograder / "source/course/localcloud/engine.py").write_text("raise SystemExit(3)\n")
    done = run(autograder, autograder / "run_autograder")
    assert done.returncode != 0
    assert not (autograder / "results/results.json").exists()


@pytest.mark.slow
def test_classroom_50s_runner_finds_a_result_in_the_learners_checkout(tmp_path: Path) -> None:
    course, checkout = tmp_path / "course", tmp_path / "checkout"
    for folder in ("autograder", "localcloud", "operations", "visuals", "labs/dlq"):
        shutil.copytree(COURSE / folder, course / folder)
    (checkout / "labs/dlq").mkdir(parents=True)
    (checkout / "labs/dlq/kitchen.py").write_text("def handler(:\n")
    for repository in (course, checkout):
        git = ["git", "-C", str(repository), "-c", "user.name=x", "-c", "user.email=x@x"]
        for command in (["init", "-qb", "main"], ["add", "."], ["commit", "-qm", "x"]):
            subprocess.run([*git, *command], check=True, timeout=60)
    done = subprocess.run(
        [sys.executable, str(COURSE / "autograder/ci/classroom50.py")],
        cwd=checkout,
        env={
            **{name: value for name, value in os.environ.items() if name == "TMPDIR"},
            **{**BARE, **CLASSROOM50, "HOME": str(tmp_path)},
            **{"PIZZA_COURSE": str(course), "PIZZA_REF": "main"},
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads((checkout / "result.json").read_text())
    assert (result["schema"], result["owner"]) == ("classroom50/result/v1", "ada")
    assert result["score"] == 0 and result["tests"][0]["passed"] is False
    assert "SyntaxError" in (checkout / "release-body.md").read_text()
