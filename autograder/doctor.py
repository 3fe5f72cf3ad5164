"""What works on this machine."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from dataclasses import dataclass

import localcloud
from localcloud.process import shared, wait_for_health


@dataclass(frozen=True)
class Finding:
    """One thing that was tried."""

    text: str
    works: bool
    remedy: str = ""
    needed: bool = True
    """Whether the course needs it; the rest is a choice."""


def examine() -> list[Finding]:
    """Try everything the course needs and what it can use."""
    return [_python(), _packages(), *_engine(), _containment(), _port(), _docker(), _localstack()]


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding(
        f"Python {version}",
        sys.version_info >= (3, 10),
        "The course needs Python 3.10 or newer.",
    )


def _packages() -> Finding:
    import importlib.metadata

    boto3, botocore = (importlib.metadata.version(name) for name in ("boto3", "botocore"))
    return Finding(
        f"boto3 {boto3}, ministack {importlib.metadata.version('ministack')}",
        boto3 == botocore,
        "boto3 and botocore differ: remove .venv and run `make book` again.",
    )


def _engine() -> list[Finding]:
    import time

    started = time.monotonic()
    try:
        with localcloud.start() as cloud:
            account = cloud.account()
            account.client("sqs").create_queue(QueueName="doctor")
            found = [
                f"embedded engine: first call answered after {time.monotonic() - started:.1f} s"
            ]
            cloud.clock.advance(3600)
            found.append("its clock can be moved")
    except localcloud.EngineError as error:
        return [
            Finding(f"embedded engine: {error}", False, "Run the command again with more memory.")
        ]
    return [Finding(text, True) for text in found]


def _containment() -> Finding:
    from autograder.sandbox import Sandbox, SandboxError

    try:
        with Sandbox(b"", module_name="nothing", endpoint_port=localcloud.DEFAULT_PORT) as sandbox:
            found = sandbox.containment
    except SandboxError as error:
        return Finding(f"grading: {error}", False, "Labs cannot be graded on this system.")
    if found.level == "full":
        by = f"Landlock ABI {found.landlock_abi}, seccomp, resource limits"
        return Finding(f"grading: what is handed in is fully contained ({by})", True)
    return Finding(f"grading: {found.describe()}", False, needed=False)


def _port() -> Finding:
    engine = shared()
    if engine is not None:
        return Finding(f"an engine is up on port {engine.port} (pizza up)", True)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", localcloud.DEFAULT_PORT))
        except OSError:
            return Finding(
                f"port {localcloud.DEFAULT_PORT} is taken by another program",
                False,
                "`pizza up` and `make lab` want it; `pizza up --port 4567` takes another.",
                needed=False,
            )
    return Finding(f"port {localcloud.DEFAULT_PORT} is free for `pizza up`", True)


def _docker() -> Finding:
    found = shutil.which("docker") is not None
    return Finding(
        "docker" + ("" if found else " is not installed"),
        found,
        "Not needed. Only LocalStack (docker compose up -d) uses it.",
        needed=False,
    )


def _localstack() -> Finding:
    if os.environ.get("COURSE_ENGINE") != "localstack":
        return Finding("engine chosen: " + os.environ.get("COURSE_ENGINE", "embedded"), True)
    url = os.environ.get("AWS_ENDPOINT_URL", f"http://127.0.0.1:{localcloud.DEFAULT_PORT}")
    return Finding(
        f"LocalStack at {url}",
        wait_for_health(url),
        "Start it with `docker compose up -d`, or unset COURSE_ENGINE.",
    )
