"""Directories that a learner's code may have filled with anything: how full they are, and away."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_MOST_ENTRIES = 10_000
_DEEPEST = 64


def overfull(directory: Path, most_bytes: int) -> bool:
    """Whether it holds more than so many bytes, or more entries than anyone needs.

    A directory that is nested too deeply to look into, or that may not be read, counts as too much.
    """
    todo = [(str(directory), 0)]
    entries = size = 0
    while todo:
        path, depth = todo.pop()
        try:
            with os.scandir(path) as found:
                for entry in found:
                    entries += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        todo.append((entry.path, depth + 1))
        except FileNotFoundError:  # removed meanwhile
            continue
        except OSError:
            return True
        if entries > _MOST_ENTRIES or size > most_bytes or depth > _DEEPEST:
            return True
    return False


def remove(directory: Path) -> None:
    """Remove it, even if it is unreadable or nested too deeply for `shutil.rmtree`."""
    try:
        directory.rmdir()
    except OSError:
        for command in (["rm", "-rf"], ["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            subprocess.run([*command, "--", str(directory)], check=False, capture_output=True)
            if not directory.exists():
                return
