"""The code as Lambda wants it: a zip with the folder ``pizzeria/`` and the packages it needs at its root."""

from __future__ import annotations

import hashlib
import io
import platform
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pizzeria
from operations.engines import Place, Problem

PIZZERIA = Path(pizzeria.__file__).parent
COURSE = PIZZERIA.parent
RUNTIME = "3.13"
"""Python on Lambda, as the templates say."""
_WHEELS = {"arm64": "aarch64", "x86_64": "x86_64"}
_LONGEST_INSTALL_S = 600


def architecture(place: Place) -> str:
    """Return the processor the functions run on: Graviton on AWS, this machine's own elsewhere."""
    here = platform.machine().lower()
    return "arm64" if place.engine == "aws" or here in ("arm64", "aarch64") else "x86_64"


def package(place: Place) -> bytes:
    """Return the deployment package, the same bytes for the same files; raises Problem.

    The embedded engine runs functions in its own Python, which has the third-party packages.
    """
    if place.engine == "embedded":
        return _zip(_sources())
    with tempfile.TemporaryDirectory() as folder:
        install(Path(folder), architecture(place))
        installed = sorted(p for p in Path(folder).rglob("*") if p.is_file())
        others = ((p.relative_to(folder).as_posix(), p) for p in installed if _ships(p))
        return _zip([*_sources(), *others])


def install(folder: Path, processor: str) -> None:
    """Install what ``pizzeria/requirements.txt`` names, for Lambda's Linux and Python; raises Problem."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--target", str(folder), "--no-compile", "--only-binary=:all:"]
    command += ["--implementation", "cp", "--python-version", RUNTIME]
    for libc in ("manylinux2014", "manylinux_2_28"):
        command += ["--platform", f"{libc}_{_WHEELS[processor]}"]
    command += ["--requirement", str(PIZZERIA / "requirements.txt")]
    command += ["--constraint", str(COURSE / "requirements.txt")]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_INSTALL_S)
    except subprocess.TimeoutExpired:
        raise Problem(f"pip did not finish within {_LONGEST_INSTALL_S} s; try again.") from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        raise Problem(f"The functions' packages could not be installed: {said[-1]}")


def named(content: bytes, suffix: str) -> str:
    """Return a key in the bucket that changes with the content."""
    return f"{hashlib.sha256(content).hexdigest()[:16]}{suffix}"


def _sources() -> Iterator[tuple[str, Path]]:
    for path in sorted(PIZZERIA.rglob("*.py")):
        yield path.relative_to(COURSE).as_posix(), path


def _ships(path: Path) -> bool:
    return "bin" not in path.parts and path.name not in ("RECORD", "INSTALLER", "direct_url.json")


def _zip(files: Iterator[tuple[str, Path]] | list[tuple[str, Path]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in files:
            entry = zipfile.ZipInfo(name)  # dated 1980: only the content makes a difference
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()
