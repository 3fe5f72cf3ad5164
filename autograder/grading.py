"""Grades one submission: every criterion's situations, explored; then the notebook."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError

import localcloud
from autograder.checks import checks_of
from autograder.explore import Finding, explore
from autograder.history import tell
from autograder.labs import BadInput, Criterion, Lab
from autograder.notebook import NotebookRun
from autograder.report import CriterionReport, Report, Status
from autograder.sandbox import Limits, Outcome, Sandbox, SandboxError
from autograder.world import CPU_LIMIT_S, Bench, CannotRun, NotWritten

MAX_SOURCE_BYTES = 256 * 1024
# Real seconds for a whole grading, by engine: without a clock to move, time has to be waited for.
TIME_BOX_S = {"embedded": 300.0, "localstack": 1200.0}
Progress = Callable[[str], None]


class Undecidable(Exception):
    """The grading itself failed, which says nothing about the submission."""


class NotAModule(Exception):
    """The file handed in cannot be taken for a Python module."""


def find_submission(lab: Lab, path: Path | None) -> Path:
    """Return the file to grade: `path`, the lab's module in folder `path`, or the learner's own.

    Raises BadInput when there is none.
    """
    if path is None:
        path = lab.starter
    if path.is_dir():
        inside = path / lab.module
        if not inside.exists() and not inside.is_symlink():
            raise BadInput(
                f"{path} has no {lab.module}; lab {lab.id} is handed in as {lab.module}."
            )
        return inside
    if not path.exists() and not path.is_symlink():
        raise BadInput(
            f"There is no file {path}. Give the path of your {lab.module}, or of its folder."
        )
    if path.suffix != ".py":
        raise BadInput(f"{path} is not a Python file; lab {lab.id} is handed in as {lab.module}.")
    return path


def read_submission(path: Path) -> bytes:
    """Return the bytes of a submission; raises NotAModule for what is not a plain small file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise NotAModule(f"{path.name} is a symbolic link; hand in the file itself.") from error
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    with os.fdopen(descriptor, "rb") as file:
        source = file.read(MAX_SOURCE_BYTES + 1)
    if len(source) > MAX_SOURCE_BYTES:
        raise NotAModule(f"{path.name} is larger than {MAX_SOURCE_BYTES // 1024} KB.")
    if not source.strip():
        raise NotAModule(f"{path.name} is empty. Get the starter back with `pizza reset LAB`.")
    return source


def open_engine() -> localcloud.Cloud:
    """Return an engine for grading alone, guarded; raises BadInput on AWS, EngineError if none comes up."""
    name = os.environ.get("COURSE_ENGINE", "embedded")
    if name == "aws":
        raise BadInput(
            "Labs are not graded on AWS: unset COURSE_ENGINE to use the embedded engine."
        )
    if name == "embedded":
        return localcloud.start(guarded=True)
    cloud = localcloud.connect(guarded=True)
    assert isinstance(cloud, localcloud.Cloud)
    return cloud


def grade_file(lab: Lab, path: Path, progress: Progress = lambda _: None) -> Report:
    """Grade the file at `path`; raises BadInput when it cannot be read. See `grade`."""
    return grade(lab, lambda: read_submission(path), progress)


def grade(lab: Lab, source: Callable[[], bytes], progress: Progress = lambda _: None) -> Report:
    """Grade the module whose bytes `source` returns (it may raise NotAModule).

    `progress` is told each criterion's id before it is checked.
    """
    started = time.monotonic()
    reports: list[CriterionReport] = []
    grading = _Grading(lab, reports, progress)
    message = ""
    try:
        grading.run(source())
    except (NotAModule, CannotRun) as error:
        message = str(error)
        _fill(reports, lab, "failed", message)
    except (Undecidable, localcloud.EngineError, SandboxError, BotoCoreError) as error:
        message = f"The grading itself failed, not your code: {error}"
        _fill(reports, lab, "unknown", "not decided")
    score = sum(report.points for report in reports)
    statuses = {report.status for report in reports}
    verdict: Status = (
        "unknown" if "unknown" in statuses else "failed" if "failed" in statuses else "passed"
    )
    return Report(
        lab=lab.id,
        title=lab.title,
        score=score,
        max_score=sum(criterion.points for criterion in lab.criteria),
        verdict=verdict,
        first=_first_step(lab, grading.not_written),
        message=message,
        criteria=reports,
        engine=grading.engine,
        containment=grading.containment,
        runs=grading.runs,
        seconds=round(time.monotonic() - started, 2),
    )


class _Grading:
    """The state of one grading."""

    def __init__(self, lab: Lab, reports: list[CriterionReport], progress: Progress):
        self.lab = lab
        self.reports = reports
        self.progress = progress
        self.not_written: set[str] = set()
        self.engine = ""
        self.containment = ""
        self.runs = 0
        self.started = time.monotonic()

    def run(self, source: bytes) -> None:
        lab, situations = self.lab, checks_of(self.lab.id)
        with (
            open_engine() as cloud,
            Sandbox(
                source,
                module_name=lab.module_name,
                endpoint_port=cloud.port,
                limits=Limits(cpu_seconds=CPU_LIMIT_S),
            ) as sandbox,
        ):
            self.engine = cloud.engine
            self.containment = sandbox.containment.describe()
            name = lab.module_name.replace("_", " ")
            seed = hashlib.sha256(source).hexdigest()
            bench = Bench(cloud, sandbox, name, seed, lab.variables)
            with contextlib.ExitStack() as opened:
                notebook: NotebookRun | None = None
                for criterion in lab.criteria:
                    if notebook is None and not self._missing(lab.criteria[-1]):
                        # It takes seconds to start: let it run beside the criteria that are left.
                        notebook = NotebookRun(lab, source, cloud)
                        opened.callback(notebook.close)
                    self.progress(criterion.id)
                    if criterion.needs:
                        self.reports.append(self._check_notebook(criterion, notebook))
                    else:
                        checks = situations[criterion.id]
                        self.reports.append(self._check(criterion, bench, checks))

    def _check(self, criterion: Criterion, bench: Bench, situations: list) -> CriterionReport:
        runs = 0
        for check, disturbances in situations:
            if time.monotonic() - self.started > TIME_BOX_S[self.engine]:
                raise Undecidable(f"it took more than {TIME_BOX_S[self.engine]:g} s.")
            seed = f"{criterion.id}/{check.__name__}"
            try:
                finding = explore(check, bench, seed, disturbances)
            except NotWritten as error:
                self.not_written.add(str(error))
                return _report(criterion, "failed", f"{error} is not written yet.")
            self.runs += finding.runs
            runs += finding.runs
            if finding.violation is not None:
                return _failed(criterion, finding, runs, bench.name)
        return _report(criterion, "passed", "", runs=runs)

    def _missing(self, criterion: Criterion) -> list[str]:
        """What a criterion needs and has not been passed, or not yet."""
        passed = {report.id for report in self.reports if report.status == "passed"}
        return [need for need in criterion.needs if need not in passed]

    def _check_notebook(
        self, criterion: Criterion, notebook: NotebookRun | None
    ) -> CriterionReport:
        if notebook is None:
            missing = ", ".join(self._missing(criterion))
            return _report(criterion, "failed", f"This counts once {missing} is passed.")
        wrong = notebook.result()
        if wrong is None:
            return _report(criterion, "passed", "")
        return _report(criterion, "failed", wrong[0], output=wrong[1])


def _failed(criterion: Criterion, finding: Finding, runs: int, name: str) -> CriterionReport:
    world = finding.world
    assert world is not None and finding.violation is not None
    return _report(
        criterion,
        "failed",
        finding.violation,
        history=tell(world.calls, world.notes, name),
        output="".join(world.output),
        error=_error_lines(world.outcome),
        runs=runs,
    )


def _error_lines(outcome: Outcome | None) -> list[str]:
    """The last error of a run with the learner's own lines, innermost last."""
    if outcome is None or outcome.error is None:
        return []
    error = outcome.error
    frames = [f"{outcome.file}, line {f.line}, in {f.function}: {f.source}" for f in error.frames]
    return [*frames, f"{error.type}: {error.message}"[:300]]


def _report(criterion: Criterion, status: Status, message: str, **more: Any) -> CriterionReport:
    return CriterionReport(
        id=criterion.id,
        points=criterion.points if status == "passed" else 0,
        max_points=criterion.points,
        status=status,
        must=criterion.must,
        message=message,
        **more,
    )


def _fill(reports: list[CriterionReport], lab: Lab, status: Status, message: str) -> None:
    """Give every criterion that was not reached the same status."""
    reached = {report.id for report in reports}
    for criterion in lab.criteria:
        if criterion.id not in reached:
            reports.append(_report(criterion, status, message))


def _first_step(lab: Lab, not_written: set[str]) -> str:
    for function in lab.functions:
        if function in not_written:
            return lab.first if function == lab.functions[0] else f"Next, write {function}."
    return ""
