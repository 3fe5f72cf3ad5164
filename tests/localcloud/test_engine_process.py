"""An engine starts and ends quickly, tells why it cannot, and never outlives whoever started it."""

from __future__ import annotations

import errno
import io
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import psutil
import pytest

import localcloud
from localcloud import process

ROOT = Path(localcloud.__file__).parents[1]
# Generous, for a machine with two busy cores: what it takes is a fraction of it.
SOON_S = 15.0


def _gone(pid: int, seconds: float = SOON_S) -> bool:
    """Whether a process is gone, or will be within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


def test_starts_answers_and_ends_in_bounded_time():
    started = time.monotonic()
    cloud = localcloud.start()
    cloud.account().client("sqs").create_queue(QueueName="orders")
    answered = time.monotonic()
    cloud.close()
    closed = time.monotonic()

    assert answered - started < SOON_S
    assert closed - answered < 5.0
    assert not psutil.pid_exists(cloud.pid)
    cloud.close()  # once more is harmless


def test_an_engine_that_is_gone_is_said_to_be_gone():
    cloud = localcloud.start()
    account = cloud.account()
    os.kill(cloud.pid, signal.SIGKILL)

    with pytest.raises(localcloud.EngineError, match="does not answer any more"):
        _ = account.calls
    cloud.close()


def test_takes_its_lambda_processes_and_their_files_along(cloud_with_function, tmp_path):
    cloud, engine = cloud_with_function
    workers = engine.children(recursive=True)
    assert workers, "the function runs in a process of its own"
    assert list(tmp_path.glob("*/ministack-lambda-*")), "from files of its own"

    cloud.close()

    assert all(_gone(worker.pid) for worker in workers)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def cloud_with_function(lambda_package, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with localcloud.start() as cloud:
        invoke_once(cloud, lambda_package("def handler(event, context): return 1"))
        yield cloud, psutil.Process(cloud.pid)


def invoke_once(cloud: localcloud.Cloud, package: bytes) -> None:
    """Make a function of a package, and run it."""
    account = cloud.account()
    functions = account.client("lambda")
    functions.create_function(
        FunctionName="kitchen",
        Runtime="python3.12",
        Role=f"arn:aws:iam::{account.id}:role/any",
        Handler="index.handler",
        Code={"ZipFile": package},
    )
    functions.invoke(FunctionName="kitchen")


def test_ends_whatever_it_was_made_to_write(monkeypatch, tmp_path):
    """A function's package that is nested too deeply for Python to remove."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as file:
        file.writestr("index.py", "def handler(event, context): pass")
        for depth in (400, 800, 1200, 1600):
            file.writestr("d/" * depth + "f", "")
    with localcloud.start(guarded=True) as cloud:
        invoke_once(cloud, package.getvalue())
        assert list(tmp_path.glob("*/*/code/d/d/d"))
    assert _gone(cloud.pid)
    assert not list(tmp_path.iterdir())


PARENT = """
import time
import localcloud

cloud = localcloud.start()
print(cloud.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_dies_with_its_parent_however_that_one_dies(how, tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    try:
        assert parent.stdout
        engine = int(parent.stdout.readline())
        assert psutil.pid_exists(engine)
        parent.send_signal(how)
        parent.wait(SOON_S)
        assert _gone(engine)
        assert not list(tmp_path.iterdir())
    finally:
        parent.kill()
        parent.wait()


def test_listens_on_this_machine_only(cloud):
    connections = psutil.Process(cloud.pid).net_connections("inet")
    listening = {c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN}

    assert listening == {"127.0.0.1"}


def test_a_port_that_is_taken_is_said_to_be_taken_and_by_whom():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(localcloud.EngineError) as error:
            localcloud.start(port)

    assert str(error.value).startswith(f"Port {port} is taken by ")
    if sys.platform == "linux":  # macOS tells this to the administrator only
        assert f"(process {os.getpid()})" in str(error.value)
    assert "choose another port" in str(error.value)


def test_takes_the_port_it_is_asked_to_take(free_port):
    with localcloud.start(free_port) as cloud:
        assert cloud.port == free_port
        assert cloud.endpoint_url == f"http://127.0.0.1:{free_port}"


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_port_that_does_not_exist_is_refused_clearly():
    with pytest.raises(localcloud.EngineError, match="port must be 0-65535"):
        localcloud.start(70_000)


def _python_that(monkeypatch: pytest.MonkeyPatch, folder: Path, does: str) -> Path:
    """Put a program in the place of the Python that would run the engine."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\necho $$ > {folder}/pid\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return folder / "pid"


def test_an_engine_that_does_not_come_up_says_why(monkeypatch, tmp_path):
    _python_that(monkeypatch, tmp_path, "echo 'ImportError: no oven' >&2; exit 1")

    with pytest.raises(localcloud.EngineError, match="did not come up: ImportError: no oven"):
        localcloud.start()


def test_an_engine_that_says_nothing_is_given_up_and_ended(monkeypatch, tmp_path):
    pid = _python_that(monkeypatch, tmp_path, "exec sleep 600")
    monkeypatch.setattr(process, "_START_S", 0.5)

    with pytest.raises(localcloud.EngineError, match="did not come up"):
        localcloud.start()

    assert _gone(int(pid.read_text()))


def test_settings_of_the_shell_do_not_reach_the_engine(monkeypatch):
    for name, value in {
        "AWS_PROFILE": "none-such",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "MINISTACK_REGION": "mars-north-1",
        "SERVICES": "s3",
        "USE_SSL": "1",
        "AUTH": "true",
        "EDGE_PORT": "9",
        "LOCALSTACK_PERSISTENCE": "1",
    }.items():
        monkeypatch.setenv(name, value)

    with localcloud.start() as cloud:
        sqs = cloud.account().client("sqs")
        url = sqs.create_queue(QueueName="orders")["QueueUrl"]

    assert url.startswith(cloud.endpoint_url)


def test_modules_in_the_folder_it_is_started_from_do_not_reach_the_engine(monkeypatch, tmp_path):
    for name in ("json", "hypercorn", "ministack", "localcloud"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('a file of the learner')\n")
    monkeypatch.chdir(tmp_path)

    with localcloud.start() as cloud:
        assert cloud.engine == "embedded"


def test_a_port_that_only_root_may_take_is_named_as_such(monkeypatch):
    monkeypatch.setattr(process, "_read_line", lambda _: {"error": "port", "errno": errno.EACCES})
    with pytest.raises(localcloud.EngineError, match="Port 80 is not yours to take"):
        process.launch(80)
