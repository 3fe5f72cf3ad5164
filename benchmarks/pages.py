"""Seconds that each page of the book takes to execute, and that the whole book takes: cold and again."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jupyter_cache import get_cache
from rich.console import Console
from rich.table import Table

COURSE = Path(__file__).resolve().parents[1]
BUILD = "from jupyter_book.cli.main import main; main()"
LIMIT = 5  # seconds; a page that takes longer is marked

# As in the Makefile: the same pages whatever the shell is set to, and never a real account.
ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if not k.startswith("AWS_")},
    "COURSE_ENGINE": "embedded",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}


def build(into: str) -> tuple[float, float]:
    """Build the book; return the seconds it took, and the CPU seconds without those of the engines."""
    command = [sys.executable, "-c", BUILD, "build", str(COURSE), "--path-output", into, "-W", "-n"]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    before = used.ru_utime + used.ru_stime
    started = time.monotonic()
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    seconds = time.monotonic() - started
    if done.returncode:
        sys.exit(f"The book could not be built:\n{done.stderr[-3000:]}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, used.ru_utime + used.ru_stime - before


def executed(into: str) -> list[tuple[float, str]]:
    """Return the build's own record: seconds from a new kernel to the last cell, slowest page first."""
    records = get_cache(Path(into, "_build", ".jupyter_cache")).list_cache_records()
    return sorted(((r.data["execution_seconds"], r.uri) for r in records), reverse=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as into:
        cold, again = build(into), build(into)
        pages = executed(into)
    table = Table("page", "s", "")
    for seconds, uri in pages:
        page = Path(uri).relative_to(COURSE).as_posix()
        table.add_row(page, f"{seconds:.1f}", f"over {LIMIT} s" if seconds > LIMIT else "")
    Console().print(table)
    print(f"{len(pages)} pages executed in {sum(seconds for seconds, _ in pages):.0f} s")
    for name, (seconds, cpu) in {"cold": cold, "again, from the cache": again}.items():
        print(f"whole book, {name}: {seconds:.0f} s, {cpu:.0f} s of CPU")


if __name__ == "__main__":
    main()
