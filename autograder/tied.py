"""Runs a command that must not outlive its caller: ``python tied.py DIRECTORY COMMAND …``.

Standard input is the tie. When it closes, because the caller closed it or is gone, however it died,
the command and everything it started are killed, and the directory is removed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading

import psutil


def main() -> None:
    directory, *arguments = sys.argv[1:]
    command = subprocess.Popen(arguments, stdin=subprocess.DEVNULL)
    untied = threading.Event()

    def end_with_caller() -> None:
        while os.read(0, 4096):
            pass
        untied.set()
        kill_tree(command.pid)
        shutil.rmtree(directory, ignore_errors=True)
        os._exit(1)

    watching = threading.Thread(target=end_with_caller, daemon=True)
    watching.start()
    status = command.wait()
    if untied.is_set():
        watching.join()
    os._exit(status)


def kill_tree(pid: int) -> None:
    """Kill a process and its descendants, also those started meanwhile; return when they are dead."""
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        root.suspend()  # so that it starts nothing more
        tree = [*root.children(recursive=True), root]
        for process in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(tree, timeout=3)


if __name__ == "__main__":
    main()
