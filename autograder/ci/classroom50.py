"""Grades a lab in Classroom 50: copy this to CLASSROOM/autograders/ASSIGNMENT/autograder.py there, and
set the names.

Its runner calls it in a checkout of the learner's repository, and reads result.json and
release-body.md there. It must end with 0 when there is a result, whatever the result; anything else
counts as an error, not as 0 points.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

COURSE = os.environ.get("PIZZA_COURSE", "https://example.org/course.git")  # the course's repository
REF = os.environ.get(
    "PIZZA_REF", "TAG-OR-COMMIT"
)  # of it: the grader and the checks come from there
LAB = "dlq"
FILE = "labs/dlq/kitchen.py"  # in the learner's repository


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        course, handed_in = Path(folder, "course"), Path(folder, Path(FILE).name)
        run("git", "init", "--quiet", str(course))
        run("git", "-C", str(course), "fetch", "--quiet", "--depth", "1", COURSE, REF)
        run("git", "-C", str(course), "checkout", "--quiet", "FETCH_HEAD")
        python = os.environ.get("PIZZA_PYTHON")  # one that has the requirements already
        if not python:
            run("make", "-C", str(course), "setup", f"PYTHON={sys.executable}")
            python = str(course / ".venv/bin/python")
        # Out of Git and not out of the folder: no link is followed, nothing else of theirs is there.
        shown = subprocess.run(["git", "cat-file", "blob", f"HEAD:{FILE}"], capture_output=True)
        if shown.returncode == 0:
            handed_in.write_bytes(shown.stdout)
        check = [python, "-m", "autograder.cli", "check", LAB, str(handed_in), "--handed-in"]
        check += ["--report", "classroom50=result.json", "--report", "markdown=release-body.md"]
        code = subprocess.run(check, env={**os.environ, "PYTHONPATH": str(course)}).returncode
    return 0 if code in (0, 1) else code


def run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main())
