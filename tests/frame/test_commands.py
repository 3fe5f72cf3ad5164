"""The commands of the README exist, and what they say and do before anything is installed."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", ".ci/run", ".github/workflows/ci.yml"]


def make(
    where: Path, *arguments: str, path: str = os.environ["PATH"]
) -> subprocess.CompletedProcess:
    """Run make in a folder, untouched by the make that may have started these tests."""
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "PYTHON"
    }
    return subprocess.run(
        [shutil.which("make") or "make", *arguments],
        cwd=where,
        env=environment | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def clone(tmp_path):
    """A folder with the Makefile and nothing installed."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    return tmp_path


def fake_python(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_command_that_is_named_exists(document):
    named = set(
        re.findall(r"(?:`|^\s*|run: |: )make ([a-z-]+)", (ROOT / document).read_text(), re.M)
    )
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert named and named <= targets


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_file_that_is_linked_exists(document):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / document).read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_make_alone_explains_every_command(clone):
    listed = make(clone).stdout
    for command in ["book", "test", "lab", "check", "clean", "format", "lint"]:
        assert re.search(rf"^  make {command} +\S", listed, re.M)


def only(folder: Path) -> str:
    """A PATH with what a recipe needs, and our fake Pythons as the only ones."""
    for tool in ["sh", "env", "mkdir", "rm", "touch", "cat"]:
        (folder / tool).symlink_to(shutil.which(tool))
    return str(folder)


def test_a_machine_whose_python_is_too_old_is_told_so_in_one_sentence(clone):
    fake_python(
        clone / "bin",
        "python3",
        '[ "$1" = -V ] && echo Python 3.9.6; case "$2" in *version_info*) exit 1;; esac',
    )
    run = make(clone, ".venv/bin/python", path=only(clone / "bin"))
    (sentence, _) = run.stderr.splitlines()
    assert run.returncode != 0
    assert sentence == (
        "This course needs Python 3.10 or newer and found none (python3 is Python 3.9.6): "
        "install one, or name yours with PYTHON=/path/to/python3."
    )


def test_a_machine_without_any_python_is_told_so_in_one_sentence(clone):
    (clone / "bin").mkdir()
    run = make(clone, ".venv/bin/python", path=only(clone / "bin"))
    (sentence, _) = run.stderr.splitlines()
    assert "needs Python 3.10 or newer and found none: install one" in sentence


def test_a_machine_whose_python_has_no_venv_is_told_what_to_install(clone):
    fake_python(clone / "bin", "python3", 'case "$2" in *ensurepip*) exit 1;; esac')
    run = make(clone, ".venv/bin/python", path=only(clone / "bin"))
    (sentence, _) = run.stderr.splitlines()
    assert sentence.startswith(
        "python3 has no venv module: install it (Debian and Ubuntu: sudo apt install"
    )


def test_a_newer_python_is_passed_over_if_it_cannot_make_a_venv(clone):
    fake_python(clone / "bin", "python3.13", 'case "$2" in *ensurepip*) exit 1;; esac')
    fake_python(clone / "bin", "python3.12", "exit 127")
    fake_python(
        clone / "bin",
        "python3.11",
        'case "$1$2" in -V) echo Python 3.11.0;; -mvenv) echo "venv $*";; esac',
    )
    run = make(clone, ".venv/bin/python", path=only(clone / "bin"))
    assert run.stdout.splitlines() == [
        "Making .venv with Python 3.11.0",
        "venv -m venv --clear .venv",
    ]


def test_a_check_without_a_lab_asks_for_one(clone):
    (clone / ".venv/bin").mkdir(parents=True)
    for made in ["requirements.txt", "pyproject.toml", ".venv/bin/python", ".venv/.readers"]:
        (clone / made).touch()
    run = make(clone, "check")
    assert run.stderr.startswith("Which lab? For example: make check LAB=dlq\n")


def built(clone: Path) -> Path:
    """Build a clone's book once; returns a file that stands for the outputs of a page."""
    for package in ["localcloud", "pizzeria", "visuals", "labs/dlq", "solutions/dlq"]:
        (clone / package).mkdir(parents=True)
        (clone / package / "code.py").write_text("price = 5\n")
    (clone / "requirements.txt").write_text("boto3==1\n")
    make(clone, "forget-stale-pages")
    outputs = clone / "_build/.jupyter_cache/outputs"
    outputs.parent.mkdir()
    outputs.touch()
    return outputs


def test_outputs_are_kept_while_no_code_behind_the_pages_changes(clone):
    outputs = built(clone)
    (clone / "chapters").mkdir()
    (clone / "chapters/page.md").write_text("A page is looked after by the cache itself.")
    (clone / "pizzeria/__pycache__").mkdir()
    (clone / "pizzeria/__pycache__/code.pyc").touch()
    assert make(clone, "forget-stale-pages").stdout == ""
    assert outputs.exists()


@pytest.mark.parametrize(
    "changed",
    [
        "localcloud/code.py",
        "pizzeria/code.py",
        "visuals/code.py",
        "labs/dlq/code.py",
        "solutions/dlq/code.py",
        "requirements.txt",
    ],
)
def test_outputs_go_when_code_behind_the_pages_changes(clone, changed):
    outputs = built(clone)
    (clone / changed).write_text("price = 6\n")
    run = make(clone, "forget-stale-pages")
    assert "every page is executed anew" in run.stdout
    assert not outputs.exists()


@pytest.mark.parametrize(
    "change", [Path.unlink, lambda file: file.rename(file.with_name("moved.py"))]
)
def test_outputs_go_when_a_file_behind_the_pages_goes_or_moves(clone, change):
    outputs = built(clone)
    change(clone / "pizzeria/code.py")
    make(clone, "forget-stale-pages")
    assert not outputs.exists()


def test_the_ci_script_is_sound_bash_and_can_be_run():
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], timeout=10).returncode == 0
