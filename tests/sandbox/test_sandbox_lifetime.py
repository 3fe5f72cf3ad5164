"""Whatever becomes of the grader, no process and no file of a submission is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import autograder.sandbox
from autograder.sandbox import Sandbox, SandboxError

COURSE = Path(autograder.sandbox.__file__).resolve().parents[2]

LOOP = b"""
import signal
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
def handler():
    print("looping")
    while True:
        pass
def add(a, b):
    return a + b
"""

GRADER = f"""
import sys, threading
sys.path.insert(0, {str(COURSE)!r})
from autograder.sandbox import Sandbox
with Sandbox({LOOP!r}, module_name="kitchen", endpoint_port=9, services=[]) as sandbox:
    new, frozen, busy = (sandbox.environment() for _ in range(3))
    frozen.invoke("add", 1, 2)
    pids = [environment.pid for environment in (new, frozen, busy)]
    print(sandbox.root, sandbox._zygote.pid, *pids, flush=True)
    busy.invoke("handler", timeout=60)
"""


def is_running(pid):
    """A zombie has ended; it waits for its parent to look."""
    try:
        os.kill(int(pid), 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return sys.platform != "linux"


def wait_for(condition, what):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_grader_that_is_killed_leaves_nothing(number):
    with subprocess.Popen(
        [sys.executable, "-c", GRADER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as grader:
        root, *pids = grader.stdout.readline().split()
        assert all(is_running(pid) for pid in pids)
        assert os.path.isdir(root)
        grader.send_signal(number)
        grader.wait(10)
        wait_for(lambda: not any(is_running(pid) for pid in pids), "a process was left")
        wait_for(lambda: not os.path.exists(root), "files were left")


def test_a_grader_killed_while_the_sandbox_starts_leaves_nothing():
    script = f"""
import sys, subprocess
sys.path.insert(0, {str(COURSE)!r})
from autograder.sandbox import Sandbox
popen = subprocess.Popen
def announce(*arguments, **options):
    process = popen(*arguments, **options)
    print(options["cwd"], process.pid, flush=True)
    return process
subprocess.Popen = announce
Sandbox(b"", module_name="kitchen", endpoint_port=9).__enter__()
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as grader:
        root, zygote = grader.stdout.readline().split()
        grader.kill()
        grader.wait(10)
        wait_for(lambda: not is_running(zygote), "the zygote was left")
        wait_for(lambda: not os.path.exists(root), "files were left")


def test_leaving_the_sandbox_ends_everything():
    with Sandbox(LOOP, module_name="kitchen", endpoint_port=9, services=[]) as sandbox:
        environments = [sandbox.environment() for _ in range(2)]
        environments[0].invoke("add", 1, 2)
        pids = [environment.pid for environment in environments] + [sandbox._zygote.pid]
        root = sandbox.root
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert not os.path.exists(root)
    assert not any(environment.alive for environment in environments)
    sandbox.close()


def test_a_sandbox_outlives_the_thread_that_started_it():
    sandbox = Sandbox(LOOP, module_name="kitchen", endpoint_port=9, services=[])
    thread = threading.Thread(target=sandbox.__enter__)
    thread.start()
    thread.join()
    try:
        assert sandbox.environment().invoke("add", 1, 2).value == 3
    finally:
        sandbox.close()


def test_a_dead_zygote_is_the_sandboxs_failure_and_takes_its_environments_along():
    with Sandbox(LOOP, module_name="kitchen", endpoint_port=9, services=[]) as sandbox:
        environment = sandbox.environment()
        sandbox._zygote.kill()
        wait_for(lambda: not is_running(environment.pid), "the environment was left")
        with pytest.raises(SandboxError, match="own process failed"):
            environment.invoke("handler")
        with pytest.raises(SandboxError, match="own process failed"):
            sandbox.environment()


def test_a_python_without_boto3_is_told_in_one_sentence(monkeypatch):
    from autograder.sandbox import interpreter

    monkeypatch.setattr(interpreter, "libraries", list)
    with pytest.raises(SandboxError, match="No module named"):
        Sandbox(LOOP, module_name="kitchen", endpoint_port=9).__enter__()


def test_a_sandbox_must_be_entered():
    with pytest.raises(SandboxError, match="with statement"):
        _ = Sandbox(LOOP, module_name="kitchen", endpoint_port=9).containment


def test_a_name_that_is_no_module_is_refused():
    with pytest.raises(ValueError, match="cannot be the name of a module"):
        Sandbox(LOOP, module_name="../kitchen", endpoint_port=9)
