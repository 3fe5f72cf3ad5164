"""What learners hand in: found, graded one after the other, and put into a table."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from autograder.files import replace
from autograder.formats import FORMATS
from autograder.grading import NotAModule, grade, read_submission
from autograder.labs import COURSE, BadInput, Lab
from autograder.progress import fingerprint
from autograder.report import Report, harmless

_NOT_THEIRS = {"__pycache__", "__MACOSX"}
_PACKED = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".ipynb"}
_LONGEST_NAME = 180  # of 255 bytes that file systems take, some for the endings
_GRADERS = ("autograder", "localcloud")  # what a result depends on, besides the lab and the file


def hand_in(lab: Lab, path: Path) -> Path:
    """Return the lab's module in what was handed in: a file, or a folder with it somewhere inside.

    Links are not followed. Raises NotAModule, which counts as 0 points, when there is none or when
    it cannot be told which one.
    """
    if path.is_symlink():
        raise NotAModule(f"{path.name} is a symbolic link; hand in the file itself.")
    if not path.is_dir():
        if not path.exists():
            raise NotAModule(f"Nothing was handed in: there is no {path.name}.")
        if path.suffix.lower() in _PACKED:
            raise NotAModule(f"{path.name} is no Python file; hand in {lab.module} itself.")
        return path
    if os.path.lexists(path / lab.module):
        return path / lab.module
    found = []
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(f for f in folders if f not in _NOT_THEIRS and not f.startswith("."))
        found += [Path(folder, lab.module)] if lab.module in files else []
    if not found:
        raise NotAModule(f"No {lab.module} was handed in.")
    if len(found) > 1:
        names = ", ".join(str(each.relative_to(path)) for each in found[:3])
        raise NotAModule(f"{len(found)} files named {lab.module} were handed in: {names}.")
    return found[0]


class Graded(BaseModel):
    """One submission's result, as it is kept in reports/NAME.json."""

    name: str
    fingerprint: str
    """Of the file and of everything that grades it: while it stays the same, so does the result."""
    report: Report


def submissions(folder: Path) -> tuple[list[Path], list[str]]:
    """Return what to grade in a folder, one entry a learner, and the names of what is left out."""
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder}. Give the one that holds all submissions.")
    entries = sorted(e for e in folder.iterdir() if not e.name.startswith("."))
    entries = [entry for entry in entries if entry.name not in _NOT_THEIRS]
    files = {".py", *_PACKED}
    taken = [e for e in entries if e.is_symlink() or e.is_dir() or e.suffix.lower() in files]
    if not taken:
        raise BadInput(f"{folder} holds no submissions: no folders and no Python files.")
    return taken, [entry.name for entry in entries if entry not in taken]


def grade_all(lab: Lab, entries: list[Path], results: Path, again: bool) -> Iterator[Graded]:
    """Grade each entry, keeping a report in HTML and JSON; yield each as soon as it is there.

    What has been graded before, with the same grader, is taken from its report unless `again`. A
    submission that cannot be decided is yielded like any other. The table grades.csv is complete
    after each one. Raises BadInput when nothing can be written.
    """
    grader = _fingerprint_of_grader(lab)
    known: dict[str, Report] = {}
    done: list[Graded] = []
    try:
        reports = results / "reports"
        reports.mkdir(parents=True, exist_ok=True)
        for entry in entries:
            name = harmless(entry.name)  # it may be no UTF-8 at all
            kept = reports / f"{_file_name(os.fsencode(entry.name))}.json"
            source = _source(lab, entry)
            version = fingerprint(grader + _content(source))
            graded = None if again else _kept(kept, name, version)
            if graded is None:
                report = known.get(version) or _grade(lab, source)
                report = report.model_copy(update={"file": name})
                graded = Graded(name=name, fingerprint=version, report=report)
                replace(kept.with_suffix(".html"), FORMATS["html"].render(report, lab))
                replace(kept, graded.model_dump_json(indent=2) + "\n")
            if graded.report.verdict != "unknown":
                known[version] = graded.report
            done.append(graded)
            replace(results / "grades.csv", table(lab, done))
            yield graded
    except OSError as error:
        raise BadInput(f"{error.filename} cannot be written: {error.strerror}.") from error


def _file_name(name: bytes) -> str:
    """What a submission's reports are called: its name, in characters that every file system takes."""
    quoted = quote(name, safe=" ()[]@,+")
    if len(quoted) <= _LONGEST_NAME:
        return quoted
    return f"{quoted[:_LONGEST_NAME]}~{hashlib.sha256(name).hexdigest()[:16]}"


def table(lab: Lab, graded: list[Graded]) -> str:
    """Return the results as CSV, a row a submission, a column a criterion."""
    text = io.StringIO()
    columns = ["name", "score", "max_score", "verdict"]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, *(criterion.id for criterion in lab.criteria), "message"])
    for each in graded:
        report = each.report
        points = {criterion.id: criterion.points for criterion in report.criteria}
        # Not decided is no 0: whoever sums the column up must not take it for one.
        undecided = report.verdict == "unknown"
        row = [
            _cell(each.name),
            "" if undecided else report.score,
            report.max_score,
            report.verdict,
        ]
        row += ["" if undecided else points[criterion.id] for criterion in lab.criteria]
        writer.writerow([*row, _cell(report.message)])
    return text.getvalue()


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = " ".join(text.split())
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


Source = Callable[[], bytes]


def _source(lab: Lab, entry: Path) -> Source:
    """What reads an entry, once: later changes to it do not count."""
    try:
        content = read_submission(hand_in(lab, entry))
    except NotAModule as error:
        return _raising(error)
    except (BadInput, OSError) as error:
        return _raising(NotAModule(str(error)))
    return lambda: content


def _raising(error: NotAModule) -> Source:
    def source() -> bytes:
        raise error

    return source


def _content(source: Source) -> bytes:
    try:
        return source()
    except NotAModule as error:
        return str(error).encode()


def _grade(lab: Lab, source: Source) -> Report:
    """Grade one submission; whatever happens, there is a report."""
    try:
        return grade(lab, source)
    except Exception as error:  # one bad file must not stop the rest
        return undecided(lab, f"The grading itself failed, not this code: {error!r}")


def undecided(lab: Lab, message: str) -> Report:
    """A report that says nothing about the code."""
    return Report(
        lab=lab.id,
        title=lab.title,
        score=0,
        max_score=sum(criterion.points for criterion in lab.criteria),
        verdict="unknown",
        message=message,
        criteria=[],
        engine="",
        containment="",
        runs=0,
        seconds=0,
    )


def _kept(file: Path, name: str, version: str) -> Graded | None:
    """A result from before that still holds."""
    try:
        graded = Graded.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    decided = graded.report.verdict != "unknown"
    there = file.with_suffix(".html").exists()
    same = (graded.name, graded.fingerprint) == (name, version)
    return graded if same and decided and there else None


def _fingerprint_of_grader(lab: Lab) -> bytes:
    """Changes when anything that a result depends on does: the grader, the checks, the lab."""
    parts = hashlib.sha256()
    files = [file for package in _GRADERS for file in (COURSE / package).rglob("*.py")]
    files += [file for file in lab.folder.iterdir() if file.suffix in (".yaml", ".ipynb")]
    for file in sorted(files):
        if not {"mutants", "variants"} & set(file.relative_to(COURSE).parts):
            parts.update(hashlib.sha256(file.read_bytes()).digest())
    return parts.digest()
