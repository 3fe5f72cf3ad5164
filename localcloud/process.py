"""Starting, sharing and stopping the engine's process."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from localcloud.removing import remove

_START_S = 30.0
_DIRECTORY = "localcloud-"


class EngineError(Exception):
    """An engine cannot be started, reached or asked; the text says what to do."""


@dataclass
class Engine:
    """A running engine process and how to reach it."""

    pid: int
    port: int
    control_port: int
    token: str
    process: subprocess.Popen[str] | None = None
    """The child, when this process started it for itself."""
    directory: str = ""
    """Where the child writes; it removes that itself unless it is killed."""

    def close(self) -> None:
        """End a private engine; a shared one goes on."""
        if self.process is None:
            return
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        remove(Path(self.directory))


def launch(
    port: int = 0,
    *,
    skip_waits: bool = True,
    guarded: bool = False,
    iam: bool = False,
    upstream: str | None = None,
    detached: bool = False,
) -> Engine:
    """Start an engine process and return when it answers.

    Raises EngineError when the port is taken or the engine does not come up.
    """
    token = secrets.token_hex(24)
    # LocalStack may outlive us and be shared, so accounts there must not repeat.
    first_account = 200_000_000_000 + secrets.randbelow(10**11) if upstream else 100_000_000_000
    directory = tempfile.mkdtemp(prefix=_DIRECTORY)
    settings = {
        "port": port,
        "token": token,
        "skip_waits": skip_waits,
        "guarded": guarded,
        "iam": iam,
        "upstream": upstream,
        "detached": detached,
        "first_account": first_account,
        "directory": directory,
    }
    log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - the engine writes into it as long as it lives
    process: subprocess.Popen[str] | None = None
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "localcloud.engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=_clean_environment(),
            cwd=Path(__file__).parents[1],  # `-m` imports from here first: not a learner's folder
            start_new_session=True,  # Ctrl-C in the terminal is for us; we end it ourselves
        )
        assert process.stdin and process.stdout
        # It may have ended already: what it said is told below.
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(settings) + "\n")
            process.stdin.flush()
        # Whoever starts an engine calls it: what that takes is loaded while the engine loads its own.
        import boto3  # noqa: F401

        up = _read_line(process)
    except BaseException:
        _give_up(process, directory)
        raise
    if "port" not in up:
        _give_up(process, directory)
        if up.get("errno") == errno.EACCES:
            raise EngineError(f"Port {port} is not yours to take; choose one above 1023.")
        if up.get("error") == "port":
            raise EngineError(
                f"Port {port} is taken by {_who_listens(port)}. Stop that, or choose another port."
            )
        log.seek(0)
        last = [line for line in log.read().splitlines() if line.strip()][-1:] or ["no message"]
        raise EngineError(f"The embedded engine did not come up: {last[0].strip()}")
    engine = Engine(up["pid"], up["port"], up["control"], token, process, directory)
    if detached:
        process.stdin.close()
        process.stdout.close()
        engine.process = None
    return engine


def _give_up(process: subprocess.Popen[str] | None, directory: str) -> None:
    if process is not None:
        process.kill()
        process.wait()
    remove(Path(directory))


def _clean_environment() -> dict[str, str]:
    """What any program needs: the settings for AWS and for other emulators are not for the engine."""
    kept = ("PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_", "PYTHON", "VIRTUAL_ENV", "LD_", "DYLD_")
    return {k: v for k, v in os.environ.items() if k.startswith(kept)}


def _read_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Return the engine's first message, {} when it ended or said nothing in time."""
    assert process.stdout
    result: dict[str, Any] = {}

    import threading

    def read() -> None:
        line = process.stdout.readline()  # type: ignore[union-attr]
        if line.startswith("{"):
            result.update(json.loads(line))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(_START_S)
    return result


def _who_listens(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            here = connection.status == "LISTEN" and getattr(connection.laddr, "port", 0) == port
            if here and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except (psutil.Error, OSError):
        pass
    return "another program"


def state_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the shared engine (``pizza up``) is written down, readable by its owner only."""
    base = environment.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "pizza" / "engine.json"


def share(engine: Engine) -> None:
    """Write a detached engine down for other commands to find."""
    before = _written_down()
    if before and before != engine and not _runs(before):
        _remove_directory(before)
    path = state_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    record = {
        "pid": engine.pid,
        "port": engine.port,
        "control_port": engine.control_port,
        "token": engine.token,
        "directory": engine.directory,
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)  # also when the file was there already
        json.dump(record, file)


def shared() -> Engine | None:
    """Return the shared engine if one is running."""
    engine = _written_down()
    return engine if engine and _runs(engine) else None


def _written_down() -> Engine | None:
    try:
        return Engine(**json.loads(state_file().read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _runs(engine: Engine) -> bool:
    try:
        return "localcloud.engine" in psutil.Process(engine.pid).cmdline()
    except psutil.Error:
        return False


def stop_shared() -> bool:
    """Stop the shared engine; return whether one was running. What a killed one left goes, too."""
    engine = _written_down()
    state_file().unlink(missing_ok=True)
    if engine is None:
        return False
    running = _runs(engine)
    if running:
        process = psutil.Process(engine.pid)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(3)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(3)
    _remove_directory(engine)
    return running


def _remove_directory(engine: Engine) -> None:
    if Path(engine.directory).name.startswith(_DIRECTORY):  # whatever the note says
        remove(Path(engine.directory))


def wait_for_health(url: str, seconds: float = 2.0) -> bool:
    """Whether an engine answers its health check at `url` within `seconds`."""
    import httpx

    deadline = time.monotonic() + seconds
    while True:
        for path in ("/_localstack/health", "/_localemu/health"):
            try:
                if httpx.get(url + path, timeout=1, trust_env=False).status_code == 200:
                    return True
            except httpx.HTTPError:
                pass
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
