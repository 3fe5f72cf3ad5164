"""A Jupyter kernel, contained before it runs a cell: what a lab's notebook is run in.

The process that runs the notebook starts it like any kernel, and stays outside.
"""

import asyncio
import json
import logging
import os
import runpy
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import confine

_PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
_MOST_PRINTED = 16 << 20  # characters; far below what fills the kernel's memory


def _cut_short(write):
    """What prints without end is told so by the `print` that does it: a kernel without memory might
    end in any cell."""
    printed = 0

    def write_some(self, text):
        nonlocal printed
        printed += len(text)
        if printed > _MOST_PRINTED:
            raise OSError(f"the notebook printed more than {_MOST_PRINTED >> 20} MiB")
        return write(self, text)

    return write_some


_run: Any = asyncio.run


def _run_beside(work, **options):
    """`asyncio.run`, which a Lambda function may call, and a cell may not: Jupyter's loop is running."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run(work, **options)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(_run, work, **options).result()


_make: Any = logging.StreamHandler.__init__


def _make_for_stderr(self, stream=None):
    """A log that a learner's code keeps goes on in cells that print for the course: it stays out of
    what they print."""
    _make(self, None if stream is sys.stdout else stream)


def main(settings, connection_file):
    """Become a kernel; `settings` is the JSON that autograder/sandbox/kernel.py makes."""
    confine.die_with_parent(signal.SIGKILL)
    job = json.loads(settings)
    with open(connection_file) as file:
        connection = json.load(file)
    os.chdir(job["folder"])  # as Jupyter starts a kernel: beside the notebook and what came with it
    sys.path[:] = [job["folder"], *sys.path[1:], *job["libraries"]]
    confine.hide_memory()
    report = confine.confine(
        job["limits"],
        [*job["readable"], connection_file],
        job["listable"],
        job["scratch"],
        job["port"],
        serve=[connection[name] for name in _PORTS],
    )
    if (report["landlock_abi"], report["seccomp"]) != (job["landlock_abi"], job["seccomp"]):
        sys.exit("The kernel could not be contained as the module was.")
    for name in [name for name in sys.modules if name.split(".")[0] == __package__]:
        del sys.modules[name]
    asyncio.run = _run_beside  # type: ignore[assignment]
    logging.StreamHandler.__init__ = _make_for_stderr  # type: ignore[method-assign]
    from ipykernel.iostream import OutStream

    OutStream.write = _cut_short(OutStream.write)  # type: ignore[method-assign]
    sys.argv[:] = ["ipykernel_launcher", "-f", connection_file, "--IPKernelApp.log_level=ERROR"]
    runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)
