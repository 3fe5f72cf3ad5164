"""The zip that Gradescope takes as an autograder.

Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from autograder.labs import COURSE, BadInput, Lab

_SCRIPTS = COURSE / "autograder" / "ci"
_PACKAGES = ("autograder", "localcloud", "operations", "visuals")
# Solutions, and what is as good as one, stay at home.
_LEFT_OUT = {"mutants", "variants", "starters", "skeleton", "ci", "__pycache__"}
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same content makes the same file
_PROGRAM, _FILE = 0o100755, 0o100644


def make_zip(lab: Lab, to: Path) -> int:
    """Write the zip and return the number of files in it; raises BadInput when it cannot be written."""
    files = 0
    try:
        with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content, mode in _contents(lab):
                entry = zipfile.ZipInfo(name, _LONG_AGO)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = mode << 16
                archive.writestr(entry, content)
                files += 1
    except OSError as error:
        raise BadInput(f"{to} cannot be written: {error.strerror}.") from error
    return files


def _contents(lab: Lab) -> Iterator[tuple[str, bytes, int]]:
    """Yield (name in the zip, content, mode) of each file."""
    yield "setup.sh", (_SCRIPTS / "gradescope_setup.sh").read_bytes(), _PROGRAM
    run = (_SCRIPTS / "gradescope_run").read_text(encoding="utf-8")
    yield "run_autograder", run.replace(" LAB ", f" {lab.id} ").encode(), _PROGRAM
    paths = [COURSE / "requirements.txt"]
    paths += [lab.folder / name for name in ("lab.yaml", lab.notebook)]
    for package in _PACKAGES:
        paths += sorted(path for path in (COURSE / package).rglob("*") if path.is_file())
    for path in paths:
        inside = path.relative_to(COURSE)
        if not _LEFT_OUT & set(inside.parts):
            yield f"course/{inside.as_posix()}", path.read_bytes(), _FILE
