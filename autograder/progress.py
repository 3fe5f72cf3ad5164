"""What a learner has reached, lab by lab: kept in .pizza/progress.json, on this machine only."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from pydantic import BaseModel, ValidationError

from autograder import labs
from autograder.files import replace
from autograder.report import Report


class LabProgress(BaseModel):
    """One lab's attempts."""

    attempts: int = 0
    best: int = 0
    last: int = 0
    max_score: int = labs.MAX_SCORE
    when: datetime | None = None
    """When it was last graded, UTC."""
    passed: list[str] = []
    """SHA-256 of each version of the file that passed."""


class Progress(BaseModel):
    """All labs that were graded, by id."""

    labs: dict[str, LabProgress] = {}


def read() -> Progress:
    """Return what was reached so far; a file that cannot be read is put aside."""
    path = _path()
    try:
        return Progress.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Progress()
    except ValidationError:
        path.replace(path.with_name("progress-unreadable.json"))
        return Progress()


def record(report: Report, source: bytes) -> None:
    """Add a grading of the learner's own file; one that was not decided is no attempt."""
    if report.verdict == "unknown":
        return
    with _alone():
        progress = read()
        lab = progress.labs.setdefault(report.lab, LabProgress())
        lab.attempts += 1
        lab.best = max(lab.best, report.score)
        lab.last = report.score
        lab.max_score = report.max_score
        lab.when = datetime.now(timezone.utc).replace(microsecond=0)
        version = fingerprint(source)
        if report.verdict == "passed" and version not in lab.passed:
            lab.passed.append(version)
        replace(_path(), progress.model_dump_json(indent=2) + "\n")


def has_passed(lab_id: str, source: bytes) -> bool:
    """Whether this very version of a lab's file has passed."""
    lab = read().labs.get(lab_id)
    return lab is not None and fingerprint(source) in lab.passed


def fingerprint(source: bytes) -> str:
    """SHA-256 of a submission, in hexadecimal."""
    return hashlib.sha256(source).hexdigest()


def _path() -> Path:
    return labs.COURSE / ".pizza" / "progress.json"


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other gradings of this course from writing meanwhile."""
    folder = _path().parent
    folder.mkdir(exist_ok=True)
    with (folder / "progress.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
