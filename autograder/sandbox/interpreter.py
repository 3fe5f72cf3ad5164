"""The learner's Python: how it is started, what it may import, and which files it may read."""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

_COURSE = Path(__file__).resolve().parents[2]
_COURSE_PACKAGES = (
    "autograder",
    "labs",
    "localcloud",
    "operations",
    "pizzeria",
    "solutions",
    "visuals",
)
_SYSTEM_FILES = (
    # shared libraries of extension modules
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/etc/ld.so.cache",
    # certificates, time zones, the address of localhost
    "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates",
    "/usr/share/zoneinfo", "/etc/localtime", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf",
)  # fmt: skip


_START = """
import sys
sys.path[0] = sys.argv[1]
from inside.clock import Clock
clock = Clock()
clock.install()  # before anything else can import time.sleep
from inside.zygote import main
main(clock, int(sys.argv[2]), int(sys.argv[3]))
"""


def command(descriptor: int) -> list[str]:
    """Start a zygote that serves this process over a socket.

    Without `site`, so that no .pth file, and thus no editable install of the course, has an effect.
    """
    arguments = [str(Path(__file__).parent), str(descriptor), str(os.getpid())]
    return [sys.executable, "-S", "-s", "-u", "-c", _START, *arguments]


def libraries() -> list[str]:
    """The site-packages directories to import from: this environment's, and where boto3 lies."""
    found = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    for name in ("boto3", "botocore", "time_machine", "_time_machine"):
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            file = Path(spec.origin)
            found.append(str(file.parents[1] if file.name == "__init__.py" else file.parent))
    return list(dict.fromkeys(found))


def readable(library_paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """What the learner's process may read, and what it may only list.

    The course is not in it, even if it is installed beside the libraries.
    """
    base = Path(sys.base_prefix)
    wanted = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), *library_paths]
    wanted += [str(base / "lib"), str(base / "lib64"), *_SYSTEM_FILES]
    hidden = [_COURSE]
    if _COURSE in [Path(path).resolve() for path in library_paths]:
        hidden = [_COURSE / name for name in _COURSE_PACKAGES]
    return _without(hidden, (Path(path).resolve() for path in dict.fromkeys(wanted)))


def _without(hidden: Sequence[Path], paths: Iterable[Path]) -> tuple[list[str], list[str]]:
    """Grant `paths` whole, or piece by piece where something hidden lies below."""
    whole, listed = [], []
    todo = list(paths)
    while todo:
        path = todo.pop()
        if path in hidden or not path.exists():
            continue
        if any(path in secret.parents for secret in hidden):
            listed.append(str(path))
            with os.scandir(path) as entries:
                todo += [Path(entry.path) for entry in entries if not entry.is_symlink()]
        else:
            whole.append(str(path))
    return sorted(set(whole)), sorted(set(listed))
