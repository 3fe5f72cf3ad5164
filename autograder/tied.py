"""Runs a command that must not outlive its caller: ``python tied.py DIRECTORY COMMAND …``.

Standard input is the tie. When it closes, because the caller closed it or is gone, however it died,
the command and everything it started are killed, and the directory is removed. Until then, a line on
standard output says that the command has ended by itself.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading

import psutil


def main() -> None:
    directory, *arguments = sys.argv[1:]
    command = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def tell_of_its_end() -> None:
        command.wait()
        with contextlib.suppress(OSError):
            os.write(1, b"ended\n")

    threading.Thread(target=tell_of_its_end, daemon=True).start()
    while os.read(0, 4096):
        pass
    if command.poll() is None:
        kill_tree(command.pid)
    for tool in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):  # copes with whatever is in there
        subprocess.run([*tool, "--", directory], check=False, stderr=subprocess.DEVNULL)
    os._exit(0)


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
