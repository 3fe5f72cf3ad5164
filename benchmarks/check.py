"""Seconds, histories per second and memory of grading each lab's reference, cold and warm."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time

import psutil
from rich.console import Console
from rich.table import Table

from autograder.engines import Engines
from autograder.grading import grade
from autograder.labs import lab_ids, load_lab


class Memory:
    """The most memory (PSS, so that shared pages count once; in MiB) that a process tree has had."""

    def __init__(self, pid: int):
        self._root = psutil.Process(pid)
        self._over = threading.Event()
        self.most = 0.0
        self._watcher = threading.Thread(target=self._watch)

    def __enter__(self) -> Memory:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._over.wait(1.0):  # more often, and looking would take part of the time
            total = 0
            with contextlib.suppress(psutil.Error):
                for process in [self._root, *self._root.children(recursive=True)]:
                    with contextlib.suppress(psutil.Error):
                        full = process.memory_full_info()
                        total += getattr(full, "pss", full.rss)
            self.most = max(self.most, total / 2**20)


def cold(lab_id: str) -> tuple[float, float]:
    """Seconds and MiB of ``pizza check`` in a new process."""
    lab = load_lab(lab_id)
    command = [sys.executable, "-m", "autograder.cli", "check", lab_id, str(lab.solution)]
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with Memory(process.pid) as memory:
        process.wait()
    return time.monotonic() - started, memory.most


def main() -> None:
    table = Table("lab", "cold s", "warm s", "histories", "histories/s", "MiB")
    for lab_id in sys.argv[1:] or lab_ids():
        lab = load_lab(lab_id)
        cold_s, most = cold(lab_id)
        with Engines(lab) as engines:
            grade(lab, lab.solution.read_bytes, engines=engines)
            report = grade(lab, lab.solution.read_bytes, engines=engines)
        table.add_row(
            f"{lab_id} ({report.score})",
            f"{cold_s:.1f}",
            f"{report.seconds:.1f}",
            str(report.runs),
            f"{report.runs / report.seconds:.1f}",
            f"{most:.0f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
