"""Directories that a learner's code may have filled with anything: how full they are."""

from __future__ import annotations

import os
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
