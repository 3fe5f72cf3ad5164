"""Grades one submission: every criterion's situations, explored; then the notebook."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import os
import secrets
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError

import localcloud
from autograder.bench import CPU_LIMIT_S, REAL_TIMEOUT_S, Bench
from autograder.checks import checks_of
from autograder.engines import Engines, open_engine
from autograder.history import tell
from autograder.labs import BadInput, Criterion, Lab, load_lab
from autograder.notebook import NotebookRun
from autograder.report import CallRecord, CriterionReport, NoteRecord, Report, Status
from autograder.sandbox import Containment, Limits, Outcome, Sandbox, SandboxError, Zygote
from autograder.search import Finding, Search, Situation, TooLong, find, run
from autograder.stops import Stops
from autograder.world import CannotRun
from localcloud.process import state_file

MAX_SOURCE_BYTES = 256 * 1024
# Real seconds for a whole grading, by engine: without a clock to move, time has to be waited for.
TIME_BOX_S = {"embedded": 300.0, "localstack": 1200.0}
_A_DAY_S = 86_400
PROCESS_CPU_S = 120  # what an execution environment may take in its life
Progress = Callable[[str], None]


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
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotAModule(f"{path.name} is not a file.")
    with os.fdopen(descriptor, "rb") as file:
        source = file.read(MAX_SOURCE_BYTES + 1)
    if len(source) > MAX_SOURCE_BYTES:
        raise NotAModule(f"{path.name} is larger than {MAX_SOURCE_BYTES // 1024} KB.")
    if not source.strip():
        raise NotAModule(f"{path.name} is empty; `pizza reset` gets the starter back.")
    if b"\0" in source:
        raise NotAModule(f"{path.name} is not a text: it holds null bytes. Save it as UTF-8.")
    return source


def grade_file(lab: Lab, path: Path, **options: Any) -> Report:
    """Grade the file at `path`; raises BadInput when it cannot be read. See `grade`."""
    return grade(lab, lambda: read_submission(path), **options)


def grade(
    lab: Lab,
    source: Callable[[], bytes],
    progress: Progress = lambda _: None,
    on_criterion: Callable[[CriterionReport], None] = lambda _: None,
    engines: Engines | None = None,
    undisturbed: Collection[str] = (),
) -> Report:
    """Grade the module whose bytes `source` returns (it may raise NotAModule).

    `progress` is told now and then how far it is; `on_criterion` hears of each criterion as soon as it
    is decided, the quickest first, both from threads of the grading. `engines`: running ones of this lab,
    which go on running. `undisturbed`: the criteria whose situations are run with nothing going wrong.
    """
    started = time.monotonic()
    grading = _Grading(lab, progress, on_criterion, undisturbed)
    message = ""
    try:
        code = source()
        with contextlib.ExitStack() as opened:
            used = engines or opened.enter_context(Engines(lab))
            grading.run(code, used)
    except (NotAModule, CannotRun) as error:
        message = str(error)
        grading.fill("failed", message)
    except TooLong as error:
        message = f"The grading was given up: {error}"
        grading.fill("unknown", "not decided")
    except (localcloud.EngineError, SandboxError, BotoCoreError) as error:
        message = f"The grading itself failed, not your code: {error}"
        grading.fill("unknown", "not decided")
    reports = [grading.reports[criterion.id] for criterion in lab.criteria]
    statuses = {report.status for report in reports}
    verdict: Status = (
        "unknown" if "unknown" in statuses else "failed" if "failed" in statuses else "passed"
    )
    return Report(
        lab=lab.id,
        title=lab.title,
        score=sum(report.points for report in reports),
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

    def __init__(
        self,
        lab: Lab,
        progress: Progress,
        on_criterion: Callable[[CriterionReport], None],
        undisturbed: Collection[str],
    ):
        self.lab = lab
        self.undisturbed = undisturbed
        self.reports: dict[str, CriterionReport] = {}
        self.not_written: set[str] = set()
        self.engine = ""
        self.containment = ""
        self.runs = 0
        self._progress = progress
        self._on_criterion = on_criterion

    def run(self, source: bytes, engines: Engines) -> None:
        lab, clouds = self.lab, engines.clouds
        self.engine = clouds[0].engine
        self._progress("getting ready")
        with contextlib.ExitStack() as opened:

            def open_lane(cloud: localcloud.Cloud) -> Bench:
                zygote = None
                with contextlib.suppress(IndexError):
                    zygote = engines.zygotes.pop()
                return opened.enter_context(open_bench(lab, source, cloud, zygote=zygote))

            with ThreadPoolExecutor() as pool:
                benches = list(pool.map(open_lane, clouds))
            self.containment = benches[0].sandbox.containment.describe()
            search = Search(self._criteria(), self._found, TIME_BOX_S[self.engine])
            contained = benches[0].sandbox.containment
            notebook = _Notebook(lab, source, engines, opened, contained, search.stops)
            lanes = [
                threading.Thread(target=search.work, args=(bench,), daemon=True)
                for bench in benches
            ]
            for lane in lanes:
                lane.start()
            try:
                while any(lane.is_alive() for lane in lanes):
                    lanes[0].join(0.05)
                    self._progress(f"{search.runs} histories")
                    search.look()
                    if any(self._missing(criterion) for criterion in lab.criteria):
                        notebook.stop()
                    elif self.reports:  # the first verdict comes before everything else
                        notebook.start()
                    notebook.look()
            except BaseException:
                search.stop()
                for bench in benches:  # what the lanes wait for comes to an end
                    bench.sandbox.close()
                raise
            search.finish()
            self.runs = search.runs
            for criterion in lab.criteria:
                if criterion.needs:
                    self._add(self._check_notebook(criterion, notebook))

    def fill(self, status: Status, message: str) -> None:
        """Give every criterion that was not decided the same status."""
        for criterion in self.lab.criteria:
            if criterion.id not in self.reports:
                self._add(_report(criterion, status, message))

    def _criteria(self) -> list[tuple[int, str, Sequence[Situation]]]:
        situations = dict(checks_of(self.lab.id))
        for name in self.undisturbed:
            situations[name] = [(check, ()) for check, _ in situations[name]]
        numbers = {c.id: n for n, c in enumerate(load_lab(self.lab.id).criteria, 1)}
        return [
            (numbers[criterion.id], criterion.id, situations[criterion.id])
            for criterion in self.lab.criteria
            if not criterion.needs
        ]

    def _found(self, criterion_id: str, finding: Finding) -> None:
        criterion = self.lab.criterion(criterion_id)
        if finding.not_written is not None:
            self.not_written.add(finding.not_written)
            text = f"{finding.not_written} is not written yet."
            self._add(_report(criterion, "failed", text, runs=finding.runs))
        elif finding.violation is not None:
            self._add(_failed(criterion, finding))
        else:
            left_out = (
                f"Not checked on this engine: {finding.not_here}." if finding.not_here else ""
            )
            self._add(_report(criterion, "passed", left_out, runs=finding.runs))

    def _add(self, report: CriterionReport) -> None:
        self.reports[report.id] = report
        self._on_criterion(report)

    def _missing(self, criterion: Criterion, also_undecided: bool = False) -> list[str]:
        """What a criterion needs and has not been passed (or is not decided yet)."""
        known = self.reports
        return [
            need
            for need in criterion.needs
            if (known[need].status != "passed" if need in known else also_undecided)
        ]

    def _check_notebook(self, criterion: Criterion, notebook: _Notebook) -> CriterionReport:
        missing = self._missing(criterion, also_undecided=True)
        if missing:
            text = f"This counts once {', '.join(missing)} is passed."
            return _report(criterion, "failed", text)
        self._progress("the notebook")
        notebook.start()
        wrong = notebook.result()
        if wrong is None:
            return _report(criterion, "passed", "")
        return _report(criterion, "failed", wrong[0], output=wrong[1])


class _Notebook:
    """The notebook's run: it takes seconds, so it starts beside the search, on an engine of its own.

    It starts before all is run that it needs: it may turn out to have been for nothing.
    """

    def __init__(
        self,
        lab: Lab,
        source: bytes,
        engines: Engines,
        opened: contextlib.ExitStack,
        contained: Containment,
        stops: Stops,
    ):
        self._contained = contained
        self._stops = stops
        self._stops_before = 0
        self._lab = lab
        self._source = source
        self._engines = engines
        self._opened = opened
        self._run: NotebookRun | None = None
        self._over = False

    def start(self) -> None:
        """Start it once, where the lab has one."""
        if self._run is None and self._lab.criteria[-1].needs:
            cloud = self._engines.of_notebook()
            self._stops_before = self._stops.look()
            self._run = NotebookRun(self._lab, self._source, cloud, self._contained)
            self._opened.callback(self._run.close)

    def look(self) -> None:
        """See to it that it keeps within its limits."""
        if self._run is not None and not self._over:
            self._run.look()

    def stop(self) -> None:
        """End it, if it runs: it would not count."""
        if self._run is not None and not self._over:
            self._over = True
            self._run.close()

    def result(self) -> tuple[str, str] | None:
        """What is wrong with it, which is told only of a run in which time did not stand still."""
        while True:
            assert self._run is not None
            while not self._run.ended(0.25):
                self._stops.look()
            wrong = self._run.result()
            if wrong is None or self._stops.look() == self._stops_before:
                return wrong
            self._run.close()
            self._run = None
            self.start()


@functools.cache
def _key() -> bytes:
    """This machine's secret: without it, code could work out from its own source what it is asked.

    It is kept, so that the same code always meets the same names and amounts. COURSE_GRADING_KEY
    stands in for it, so that it does on several machines.
    """
    if given := os.environ.get("COURSE_GRADING_KEY"):
        return hashlib.sha256(given.encode()).digest()
    path = state_file().with_name("grading-key")
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=path.parent) as file:  # readable by its owner only
                file.write(secrets.token_bytes(32))
                file.flush()
                with contextlib.suppress(FileExistsError):
                    os.link(file.name, path)
        return path.read_bytes()
    except OSError:  # nowhere to keep it
        return secrets.token_bytes(32)


@contextlib.contextmanager
def open_bench(
    lab: Lab,
    source: bytes,
    cloud: localcloud.Cloud,
    terminal: int | None = None,
    zygote: Zygote | None = None,
) -> Iterator[Bench]:
    """What one lane grades with: an engine, and the learner's code ready to run.

    `terminal`: a descriptor that the code prints to and reads from, for as long as it likes.
    """
    with Sandbox(
        source,
        module_name=lab.module_name,
        endpoint_port=cloud.port,
        limits=Limits(cpu_seconds=PROCESS_CPU_S if terminal is None else _A_DAY_S),
        terminal=terminal,
        zygote=zygote,
    ) as sandbox:
        name = lab.called or lab.module_name.replace("_", " ")
        seed = hmac.new(_key(), source, hashlib.sha256).hexdigest()
        patience, cpu = (REAL_TIMEOUT_S, CPU_LIMIT_S) if terminal is None else (_A_DAY_S, _A_DAY_S)
        with contextlib.closing(
            Bench(cloud, sandbox, name, seed, lab.variables, patience, cpu)
        ) as bench:
            yield bench


def replay(lab: Lab, source: bytes, number: int, terminal: int) -> CriterionReport:
    """Run the history of that number again, the learner's code in the foreground of `terminal`.

    Raises BadInput when there is no such history, NotAModule and CannotRun as `grade` handles them.
    """
    situations = checks_of(lab.id)
    criteria = [(c.id, situations[c.id]) for c in lab.criteria if not c.needs]
    with open_engine(lab) as cloud:
        with open_bench(lab, source, cloud) as bench:
            history = find(number, criteria, bench)
        if history is None:
            raise BadInput(
                f"With the file as it is now there is no history {number}. "
                f"Its number is shown with what breaks a criterion: pizza check {lab.id}"
            )
        with open_bench(lab, source, cloud, terminal) as bench:
            finding = run(history, bench)
    criterion = lab.criterion(criteria[history.criterion - 1][0])
    if finding.not_written is not None:
        return _report(criterion, "failed", f"{finding.not_written} is not written yet.")
    if finding.violation is not None:
        return _failed(criterion, finding)
    return _report(criterion, "passed", "", runs=1)


def _failed(criterion: Criterion, finding: Finding) -> CriterionReport:
    world, history = finding.world, finding.history
    assert world is not None and history is not None and finding.violation is not None
    return _report(
        criterion,
        "failed",
        finding.violation,
        history=tell(world.told_calls, world.notes, world.bench.name),
        replay=history.number,
        calls=[CallRecord.model_validate(call.to_json()) for call in world.told_calls],
        notes=[NoteRecord(after=note.after, text=note.text) for note in world.notes],
        output="".join(world.output),
        error=_error_lines(world.outcome),
        runs=finding.runs,
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


def _first_step(lab: Lab, not_written: set[str]) -> str:
    for function in lab.functions:
        if function in not_written:
            return lab.first if function == lab.functions[0] else f"Next, write {function}."
    return ""
