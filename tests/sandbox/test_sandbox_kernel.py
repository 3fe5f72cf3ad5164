"""The kernel of a lab's notebook is contained, and the process that runs the notebook is not in its reach."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import start_new_kernel

import autograder.sandbox
from autograder.sandbox.inside import seccomp
from autograder.sandbox.kernel import NAME, write_spec
from tests.sandbox.conftest import TOLD

COURSE = Path(autograder.sandbox.__file__).resolve().parents[2]

ATTEMPTS = f"""
import ctypes, pathlib, socket, subprocess, sys
{TOLD}
def connect(port):
    return told(lambda: socket.create_connection(("127.0.0.1", port)))
def listen():
    listener = socket.socket()
    return told(lambda: listener.bind(("127.0.0.1", 0)))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or seccomp.program(1) is None, reason="needs Landlock and seccomp"
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebook")
    for name in ("module", "scratch", "jupyter"):
        (folder / name).mkdir()
    (folder / "module" / "kitchen.py").write_text("pizza = 'margherita'\n")
    (folder / "jupyter" / "result.xml").write_text("<testsuite/>")
    return folder


@pytest.fixture(scope="module")
def kernel(sandbox_of, folder):
    """Run a cell in a contained kernel; returns what it printed."""
    sandbox = sandbox_of("pizza = 1", services=[])
    if sandbox.containment.level != "full":
        pytest.skip(sandbox.containment.describe())
    places = (folder / "jupyter", folder / "module", folder / "scratch")
    write_spec(*places, sandbox.endpoint_port, sandbox.containment)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("JUPYTER_PATH", str(folder / "jupyter"))
        environment.setenv("JUPYTER_RUNTIME_DIR", str(folder / "jupyter"))
        manager, client = start_new_kernel(kernel_name=NAME, stderr=-3)

    def run(cell):
        printed = []

        def keep(message):
            content = message["content"]
            printed.append(content.get("text") or "\n".join(content.get("traceback", [])))

        client.execute_interactive(cell, timeout=30, output_hook=keep)
        return "".join(printed).strip()

    run.manager = manager
    run(ATTEMPTS)
    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_cells_use_the_module_and_the_libraries(kernel):
    assert kernel("import kitchen, boto3; print(kitchen.pizza)") == "margherita"


def test_a_log_is_not_among_what_cells_print(kernel):
    cell = "import logging; logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, force=True)"
    try:
        kernel(cell + "; log = logging.getLogger('pizza'); log.debug('hot')")
        for stream in ("stdout", "stderr"):
            hears = f"print(any(h.stream is sys.{stream} for h in log.root.handlers))"
            assert ("True" in kernel(hears)) == (stream == "stderr")
    finally:
        kernel("logging.root.handlers.clear()")


def test_plots_and_files_are_kept_in_the_scratch_directory(kernel):
    cell = "import tempfile; print(tempfile.mkdtemp() and pathlib.Path('~').expanduser())"
    assert kernel(cell).endswith("scratch")


@pytest.mark.parametrize(
    "path", ["solutions/dlq/kitchen.py", "autograder/checks/dlq.py", "labs/dlq", "."]
)
def test_the_course_cannot_be_read(kernel, path):
    assert kernel(f"print(read({str(COURSE / path)!r}))") == "EACCES"


def test_the_result_can_be_neither_read_nor_written(kernel, folder):
    result = str(folder / "jupyter" / "result.xml")
    assert kernel(f"print(read({result!r}))") == "EACCES"
    assert kernel(f"print(told(lambda: open({result!r}, 'w')))") == "EACCES"
    assert kernel(f"print(told(lambda: os.remove({result!r})))") == "EACCES"


def test_the_process_that_runs_the_notebook_is_out_of_reach(kernel):
    for number in (0, 9, 19):
        assert kernel(f"print(told(lambda: os.kill({os.getpid()}, {number})))") == "EPERM"
    assert kernel(f"print(read('/proc/{os.getpid()}/environ'))") == "EACCES"


def test_it_reaches_the_endpoint_alone(kernel, endpoint, other_server):
    assert kernel(f"print(connect({endpoint.port}))") == "done"
    assert kernel(f"print(connect({other_server.port}))") == "EACCES"
    assert kernel("print(listen())") == "EACCES"


def test_it_starts_no_process(kernel):
    assert "PermissionError" in kernel("subprocess.run(['true'])")
    assert "PermissionError" in kernel("os.fork()")


def test_the_course_is_no_module_there(kernel):
    for name in ("autograder", "inside", "localcloud"):
        said = kernel(f"import {name}")
        assert "ModuleNotFoundError" in said or "PermissionError" in said


def test_it_is_killed_when_whoever_started_it_is_gone_and_cannot_change_that(kernel):
    kernel("libc, number = ctypes.CDLL(None), ctypes.c_int()")
    assert psutil.Process(kernel.manager.provisioner.pid).ppid() == os.getpid()
    assert kernel("print(libc.prctl(1, 0, 0, 0, 0))") == "-1"
    assert kernel("print(libc.prctl(2, ctypes.byref(number)), number.value)") == "0 9"


def test_its_memory_is_hidden(kernel):
    assert kernel("print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))") == "0"
