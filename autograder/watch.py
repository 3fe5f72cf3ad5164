"""Grades again at each save, and never an outdated file to the end.

A worker that has everything loaded and its engines running stands by; a save kills the one at work and
sends the next. So nothing that a grading does can hold up the one after it.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import watchfiles
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from autograder import progress
from autograder.formats.terminal import line, replay_line, verdict, why
from autograder.formats.words import hanging
from autograder.labs import Lab
from autograder.report import CriterionReport, Report
from autograder.tied import kill_tree
from localcloud.removing import remove

UNDECIDED = 2
_ALONE_S = 10.0  # so long no other worker gets ready: that takes a few seconds of both cores
Events = queue.SimpleQueue  # of (worker, event); worker None: the file was saved


@dataclass
class Round:
    """What is known of the version that was saved last."""

    saved: float = field(default_factory=time.time)
    notice: str = ""
    doing: str = ""
    criteria: dict[str, CriterionReport] = field(default_factory=dict)
    report: Report | None = None

    def hear(self, event: dict[str, Any]) -> None:
        """Take in what the worker says."""
        if "criterion" in event:
            criterion = CriterionReport.model_validate(event["criterion"])
            self.criteria[criterion.id] = criterion
        elif "report" in event:
            self.report = Report.model_validate(event["report"])
            self.criteria = {criterion.id: criterion for criterion in self.report.criteria}
            self.notice = ""
        else:
            self.notice = event.get("notice", self.notice)
            self.doing = event.get("doing", self.doing)


class Worker:
    """A grading process: getting ready, standing by, or at work."""

    def __init__(self, lab: Lab, file: Path, events: Events):
        self._directory = tempfile.mkdtemp(prefix="watch-")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.watch_worker", lab.id, str(file)],
            env={**os.environ, "TMPDIR": self._directory},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=self._listen, args=(events,), daemon=True).start()

    def _listen(self, events: Events) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            with contextlib.suppress(ValueError):  # killed in the middle of a line
                events.put((self, json.loads(text)))
        events.put((self, {"ended": True}))

    def go(self) -> None:
        """Grade the file as it is now."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended, and `_listen` says so
            self._process.stdin.write("go\n")
            self._process.stdin.flush()

    def kill(self) -> None:
        """End it and everything it has started; return when they are gone."""
        kill_tree(self._process.pid)
        self._process.wait()
        remove(Path(self._directory))  # those whose it is to remove theirs are dead


def watch(lab: Lab, file: Path, console: Console) -> int:
    """Grade `file` now and at each save until Ctrl-C; return the exit code of the last verdict."""
    events: Events = queue.SimpleQueue()
    stop = threading.Event()
    watcher = threading.Thread(target=_tell_of_saves, args=(file, events, stop), daemon=True)
    watcher.start()
    worker, standby = Worker(lab, file, events), None
    now, content = Round(), _content(file)
    last: Report | None = None
    screen = Screen(lab, file, console)
    try:
        with screen:
            screen.show(now)
            worker.go()
            while True:
                speaker, event = events.get()
                if speaker is None:
                    if _content(file) == content and now.report is not None:
                        continue  # the same code has the same result
                    content, now = _content(file), Round()
                    worker.kill()
                    worker, standby = standby or Worker(lab, file, events), None
                    worker.go()
                elif speaker is not worker:
                    if speaker is standby and "ended" in event:
                        standby.kill()
                        standby = None
                    continue
                elif "ended" in event:
                    if now.report is None:
                        now.notice = "The grading itself failed, not your code; save to try again."
                else:
                    now.hear(event)
                    if now.report is not None:
                        last = now.report
                        _keep(lab, file, last, content, event["graded"])
                    over = now.report is not None or time.time() > now.saved + _ALONE_S
                    if standby is None and over:
                        standby = Worker(lab, file, events)
                screen.show(now)
    except KeyboardInterrupt:
        pass
    finally:
        stop.set()
        for each in filter(None, (worker, standby)):
            each.kill()
        watcher.join()
    if last is not None:
        console.print(verdict(last))
    return UNDECIDED if last is None else last.exit_code


def _keep(lab: Lab, file: Path, report: Report, content: bytes | None, graded: str) -> None:
    """Record a grading of the learner's own file; not if it was saved while being read."""
    mine = file.resolve() == lab.starter.resolve()
    if mine and content is not None and progress.fingerprint(content) == graded:
        progress.record(report, content)


def _tell_of_saves(file: Path, events: Events, stop: threading.Event) -> None:
    """Put an event for each change of the file, also when an editor puts a new one in its place."""
    changes = watchfiles.watch(
        file.absolute().parent,
        watch_filter=lambda _, path: Path(path).name == file.name,
        debounce=200,
        step=20,
        rust_timeout=200,
        yield_on_timeout=True,  # so that `stop` is looked at
        stop_event=stop,
        raise_interrupt=False,
        recursive=False,
    )
    for changed in changes:
        if changed:
            events.put((None, {}))


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


class Screen:
    """Shows a round: on a terminal the whole screen anew, elsewhere only what is new, line by line."""

    def __init__(self, lab: Lab, file: Path, console: Console):
        self._lab, self._file, self._console = lab, file, console
        self._live = (
            Live(console=console, screen=True, auto_refresh=False) if console.is_terminal else None
        )
        self._printed: set[str] = set()

    def __enter__(self) -> Screen:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, now: Round) -> None:
        if self._live:
            self._live.update(self._page(now), refresh=True)
        else:
            self._print(now)

    def _page(self, now: Round) -> Group:
        clock = time.strftime("%H:%M:%S", time.localtime(now.saved))
        parts: list[RenderableType] = [
            Text.assemble(
                (self._lab.title, "bold"),
                f"  {self._file}, saved {clock}",
                ("  Ctrl-C ends", "dim"),
            ),
            Text(),
        ]
        for criterion in self._lab.criteria:
            done = now.criteria.get(criterion.id)
            if done is not None:
                parts.append(line(done))
            else:
                parts.append(Text(f"· {'':3}/{criterion.points:<3} {criterion.id}", "dim"))
        parts += [Text(), self._state(now)]
        first = next((c.id for c in self._lab.criteria if self._failed(now, c.id)), None)
        if now.report is not None and now.report.message:
            parts.append(Text(hanging(now.report.message), style="bold"))
        elif now.report is not None and now.report.first:
            parts.append(Text.assemble(("Start here: ", "bold"), now.report.first))
        elif first is not None:
            failed = now.criteria[first]
            parts += [Text(), why(failed)]
            if failed.replay is not None:
                parts.append(replay_line(self._lab.id, failed, str(self._file)))
        return Group(*parts)

    def _state(self, now: Round) -> Text:
        if now.report is not None:
            return verdict(now.report)
        if now.notice:
            return Text(now.notice, style="bold red")
        return Text("Checking" + (f": {now.doing} …" if now.doing else " …"), style="bold")

    @staticmethod
    def _failed(now: Round, criterion_id: str) -> bool:
        return criterion_id in now.criteria and now.criteria[criterion_id].status == "failed"

    def _print(self, now: Round) -> None:
        key = str(now.saved)
        for criterion in now.criteria.values():
            if key + criterion.id not in self._printed:
                self._printed.add(key + criterion.id)
                self._console.print(line(criterion, criterion.message))
        ended = self._state(now).plain
        if (now.report or now.notice) and key + ended not in self._printed:
            self._printed.add(key + ended)
            self._console.print(ended)
