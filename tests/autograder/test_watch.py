"""`pizza check --watch` grades what was saved last, shows results as they come, and leaves nothing behind."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder import watch as watching
from autograder.labs import load_lab
from autograder.report import Report
from autograder.watch_worker import syntax_error
from tests.autograder.conftest import COURSE, lost_order_report, processes_marked, wait_for

LAB = load_lab("dlq")
REAL_WORKER = watching.Worker


class FakeWorker:
    """Says what a worker says, when the test wants it."""

    made: list[FakeWorker]

    def __init__(self, lab: object, file: Path, events: queue.SimpleQueue[Any]):
        self.file, self.events = file, events
        self.grades: str | None = None
        self.killed = False
        self.made.append(self)

    def go(self) -> None:
        self.grades = self.file.read_text()
        if self.grades == "stop":
            raise KeyboardInterrupt

    def says(self, **event: object) -> None:
        self.events.put((self, event))

    def kill(self) -> None:
        self.killed = True


class Watch:
    """A watch at work in a thread, on a file of its own."""

    def __init__(self, file: Path):
        self.file, self.screen = file, StringIO()
        console = Console(file=self.screen, width=100)
        self.codes: list[int] = []
        run = lambda: self.codes.append(watching.watch(LAB, file, console))  # noqa: E731
        self.thread = threading.Thread(target=run)

    def at_work_on(self, content: str) -> FakeWorker:
        def found() -> list[FakeWorker]:
            return [w for w in FakeWorker.made if w.grades == content and not w.killed]

        wait_for(found, f"a worker on {content!r}")
        return found()[0]

    def save(self, content: str) -> None:
        self.file.write_text(content)


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    FakeWorker.made = []
    monkeypatch.setattr(watching, "Worker", FakeWorker)
    file = tmp_path / "kitchen.py"
    file.write_text("first")
    watch = Watch(file)
    watch.thread.start()
    watch.at_work_on("first")
    yield watch
    watch.save("stop")
    watch.thread.join(30)
    assert not watch.thread.is_alive()
    assert all(worker.killed for worker in FakeWorker.made)


def recorded() -> dict[str, Any]:
    return lost_order_report().model_dump()


def test_a_save_in_the_middle_of_a_grading_abandons_it(watch: Watch) -> None:
    first = watch.at_work_on("first")
    watch.save("second")
    watch.at_work_on("second")
    assert first.killed


def test_what_an_abandoned_worker_still_says_is_not_shown(watch: Watch) -> None:
    first = watch.at_work_on("first")
    watch.save("second")
    second = watch.at_work_on("second")
    first.says(notice="of the first version")
    second.says(notice="of the second version")
    wait_for(lambda: "second version" in watch.screen.getvalue(), "the second version's notice")
    assert "first version" not in watch.screen.getvalue()


def test_each_criterion_shows_as_soon_as_it_is_decided(watch: Watch) -> None:
    criterion = recorded()["criteria"][1]
    watch.at_work_on("first").says(criterion=criterion)
    wait_for(lambda: "✓  10/10  cook" in watch.screen.getvalue(), "the criterion")
    assert "points," not in watch.screen.getvalue()


@pytest.mark.parametrize("long", [False, True])
def test_the_next_worker_gets_ready_after_the_report_or_when_that_takes_long(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, long: bool
) -> None:
    at_work = watch.at_work_on("first")
    at_work.says(criterion=recorded()["criteria"][1])
    wait_for(lambda: recorded()["criteria"][1]["id"] in watch.screen.getvalue(), "a criterion")
    assert len(FakeWorker.made) == 1
    if long:
        monkeypatch.setattr("autograder.watch._ALONE_S", 0.0)
        at_work.says(doing="12 histories")
    else:
        at_work.says(report=recorded(), graded="")
    wait_for(lambda: len(FakeWorker.made) == 2, "a worker standing by")
    standing_by = FakeWorker.made[1]
    watch.save("second")
    assert watch.at_work_on("second") is standing_by


def test_a_worker_that_dies_while_standing_by_is_not_sent(watch: Watch) -> None:
    watch.at_work_on("first").says(report=recorded(), graded="")
    wait_for(lambda: len(FakeWorker.made) == 2, "a worker standing by")
    FakeWorker.made[1].says(ended=True)
    wait_for(lambda: FakeWorker.made[1].killed, "its end to be noticed")
    watch.save("second")
    assert watch.at_work_on("second") is not FakeWorker.made[1]


@pytest.mark.slow
def test_a_worker_that_is_killed_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    worker = REAL_WORKER(LAB, LAB.solution, queue.SimpleQueue())
    kinds = ("localcloud-", "sandbox-")
    wait_for(
        lambda: all(list(tmp_path.glob(f"*/{kind}*")) for kind in kinds), "an engine and a zygote"
    )
    worker.kill()
    assert not list(tmp_path.iterdir())


def test_the_exit_code_is_that_of_the_last_verdict(watch: Watch) -> None:
    watch.at_work_on("first").says(report=recorded(), graded="")
    wait_for(lambda: "75 of 100 points" in watch.screen.getvalue(), "the report")
    watch.save("stop")
    watch.thread.join(30)
    assert watch.codes == [1]


def test_a_file_put_in_place_of_the_old_one_is_a_save(watch: Watch) -> None:
    other = watch.file.with_name("other.py")
    other.write_text("second")
    other.replace(watch.file)
    watch.at_work_on("second")


def test_a_worker_that_dies_says_so_and_the_next_save_goes_on(watch: Watch) -> None:
    watch.at_work_on("first").says(ended=True)
    wait_for(lambda: "not your code" in watch.screen.getvalue(), "word of it")
    watch.save("second")
    watch.at_work_on("second")


def test_on_a_terminal_the_screen_has_the_criteria_and_the_first_failure(tmp_path: Path) -> None:
    report = Report.model_validate(recorded())
    now = watching.Round()
    now.hear({"report": report.model_dump()})
    shown = StringIO()
    console = Console(file=shown, width=80, force_terminal=True, color_system=None)
    screen = watching.Screen(LAB, tmp_path / "kitchen.py", console)
    console.print(screen._page(now))
    text = " ".join(shown.getvalue().split())
    assert "75 of 100 points" in text and "Ctrl-C ends" in text
    assert "The shortest history that breaks it" in text and "--replay 4" in text


@pytest.mark.parametrize(
    "source, says",
    [
        (b"def f(:\n", "Python cannot read kitchen.py: invalid syntax (line 1: def f(:)"),
        (b"a = 1\n  b = 2\n", "unexpected indent (line 2: b = 2)"),
        (b"x = '\x00'", "null byte"),
        (b"x = 1\n", ""),
    ],
)
def test_a_syntax_error_is_told_before_anything_runs(source: bytes, says: str) -> None:
    told = syntax_error(source, "kitchen.py")
    assert says in told if says else told == ""


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGHUP], ids=str)
def test_watching_for_real_shows_errors_again_at_each_save_and_leaves_nothing(
    tmp_path: Path, ending: signal.Signals
) -> None:
    file = tmp_path / "kitchen.py"
    file.write_text("def first(:\n")
    mark = str(tmp_path)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", "check", "dlq", str(file), "--watch"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={
            **os.environ,
            **{"PYTHONPATH": str(COURSE), "TMPDIR": str(temporary)},
            **{"PYTHON_TEST_MARK": mark, "COLUMNS": "200"},
        },
    )
    lines: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lambda out: lines.extend(out), args=(process.stdout,))
    reader.start()
    try:
        wait_for(lambda: any("def first(:" in line for line in lines), "the first error")
        file.write_text("def second(:\n")
        wait_for(lambda: any("def second(:" in line for line in lines), "the second error")
        process.send_signal(ending)
        assert process.wait(30) in (1, 2)  # 2: stopped before the first verdict
    finally:
        process.kill()
        reader.join()
    assert not any("Traceback" in line for line in lines)
    wait_for(lambda: processes_marked(mark) == [], "its processes to end")
    wait_for(lambda: not list(temporary.iterdir()), "its temporary files to be removed")
