"""Runs a command that must not outlive its caller: ``python tied.py COMMAND …``.

Standard input is the tie. When it closes, because the caller closed it or is gone, however it died,
the command and everything it started are killed.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading

import psutil


def main() -> None:
    command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)

    def end_with_caller() -> None:
        while os.read(0, 4096):
            pass
        kill_tree(command.pid)
        os._exit(1)

    threading.Thread(target=end_with_caller, daemon=True).start()
    os._exit(command.wait())


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
