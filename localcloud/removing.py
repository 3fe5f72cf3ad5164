"""Removing a directory in which code that nobody trusts may have written."""

from __future__ import annotations

import subprocess
from pathlib import Path


def remove(directory: Path) -> None:
    """Remove it, even if it is unreadable or nested too deeply for `shutil.rmtree`; it may be gone."""
    try:
        directory.rmdir()
    except FileNotFoundError:
        return
    except OSError:
        for command in (["rm", "-rf"], ["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            subprocess.run([*command, "--", str(directory)], check=False, capture_output=True)
            if not directory.exists():
                return
