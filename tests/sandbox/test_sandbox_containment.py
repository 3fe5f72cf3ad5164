"""What a submission must not reach, tried from within one."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

import autograder.sandbox
from autograder.sandbox.inside import seccomp
from tests.sandbox.conftest import TOLD

COURSE = Path(autograder.sandbox.__file__).resolve().parents[2]

SUBMISSION = (
    TOLD
    + """
import asyncio
import ctypes
import pathlib
import platform
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import zoneinfo
from concurrent.futures import ThreadPoolExecutor

import boto3

libc = ctypes.CDLL(None, use_errno=True)


def write(path):
    return told(lambda: open(path, "w").write("x"))


def make_directory(path):
    return told(lambda: os.mkdir(path))


def change(call, path, *arguments):
    return told(lambda: getattr(os, call)(path, *arguments))


def remove(path):
    return told(lambda: os.remove(path))


def use_scratch():
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "a", "b")
        path.parent.mkdir()
        path.write_text("x")
        path.rename(path.with_name("c"))
        shutil.copy(path.with_name("c"), path)
        shutil.copy2(path.with_name("c"), path)
        path.touch()
    return os.listdir()


def import_(name, path=None):
    if path:
        sys.path.insert(0, path)
    try:
        __import__(name)
    except Exception as error:
        return type(error).__name__
    return "imported"


def connect(port, family=socket.AF_INET, host="127.0.0.1"):
    return told(lambda: socket.socket(family, socket.SOCK_STREAM).connect((host, port)))


def fast_open(port, message):
    connection = socket.socket()
    if message:
        return told(lambda: connection.sendmsg([b"x"], [], 0x20000000, ("127.0.0.1", port)))
    return told(lambda: connection.sendto(b"x", 0x20000000, ("127.0.0.1", port)))


def make_socket(family, kind, protocol=0):
    return told(lambda: socket.socket(family, kind, protocol).close())


def make_pair(kind):
    return told(lambda: socket.socketpair(socket.AF_UNIX, kind))


def be_a_server(how):
    listener = socket.socket()
    return told(lambda: listener.bind(("127.0.0.1", 0)) if how == "bind" else listener.listen())


def signal_to(pid, number):
    return told(lambda: os.kill(pid, number))


def send_signals_by_descriptor(pid):
    import fcntl
    left, right = socket.socketpair()
    return told(lambda: fcntl.fcntl(left, fcntl.F_SETOWN, pid))


def stop_oneself(number):
    return told(lambda: os.kill(os.getpid(), number))


def lease(path):
    import fcntl
    return told(lambda: fcntl.fcntl(open(path), 1024, fcntl.F_RDLCK))


def change_protocol():
    return told(lambda: socket.socket().setsockopt(socket.IPPROTO_TCP, 31, b"smc"))


def new_process(how):
    return told({
        "fork": os.fork,
        "vfork": lambda: subprocess.run(["/bin/true"]),
        "exec": lambda: os.execv("/bin/true", ["true"]),
        "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    }[how])


def call(number, *arguments):
    result = libc.syscall(*map(ctypes.c_long, (number, *arguments)))
    return "done" if result >= 0 else errno.errorcode[ctypes.get_errno()]


def outlive_the_grader():
    return "done" if libc.prctl(1, 0, 0, 0, 0) == 0 else errno.errorcode[ctypes.get_errno()]


def limit_of(pid):
    import resource
    return told(lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)))


def status():
    return [libc.prctl(39, 0, 0, 0, 0), libc.prctl(3, 0, 0, 0, 0)]


def ordinary_work():
    async def nothing():
        return await asyncio.to_thread(lambda: 1)

    with ThreadPoolExecutor(12) as pool:
        threads = sum(pool.map(lambda n: 1, range(50)))
    ssl.create_default_context()
    zoneinfo.ZoneInfo("Europe/Rome")
    platform.platform()
    signal.signal(signal.SIGUSR1, lambda *_: None)
    signal.raise_signal(signal.SIGUSR1)
    __import__("decimal"), __import__("sqlite3"), __import__("xml.dom.minidom")
    clients = [boto3.client(name) for name in ("sqs", "dynamodb", "s3", "kms", "scheduler")]
    boto3.resource("dynamodb")
    return [threads, asyncio.run(nothing()), os.urandom(1) != b"", len(clients)]
"""
)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or seccomp.program(1) is None, reason="needs Landlock and seccomp"
)


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    sandbox = sandbox_of(SUBMISSION)
    if sandbox.containment.level != "full":
        pytest.skip(sandbox.containment.describe())
    return sandbox


@pytest.fixture(scope="module")
def tried(sandbox, endpoint):
    """Have the submission try something; says `done`, or the name of the error it met."""
    environment = sandbox.environment(endpoint.environ)

    def attempt(function, *arguments):
        outcome = environment.invoke(function, *arguments)
        assert outcome.kind == "returned", outcome.message
        return outcome.value

    yield attempt
    environment.kill()


def test_what_a_solution_needs_works(tried):
    assert tried("ordinary_work") == [50, 1, True, 5]


def test_the_scratch_directory_is_the_learners_own(tried):
    assert tried("use_scratch") == []


@pytest.mark.parametrize(
    "path",
    ["autograder", "autograder/sandbox/inside/worker.py", "localcloud", "pyproject.toml", "."],
)
def test_the_course_cannot_be_read(tried, path):
    assert tried("read", str(COURSE / path)) == "EACCES"


@pytest.mark.parametrize(
    "name", ["autograder", "localcloud", "operations", "pizzeria", "visuals", "solutions"]
)
@pytest.mark.parametrize("path", [None, str(COURSE)])
def test_the_course_cannot_be_imported(tried, name, path):
    assert tried("import_", name, path) in ("ModuleNotFoundError", "PermissionError")


@pytest.mark.parametrize("name", ["inside", "inside.worker", "worker"])
def test_the_runner_itself_is_no_module(tried, name):
    assert tried("import_", name) == "ModuleNotFoundError"


@pytest.mark.parametrize(
    "path",
    ["/etc/shadow", "/etc/passwd", "/root", "/home", "/tmp", "/proc", "/proc/self/fd", "/dev/tty"],
)
def test_the_system_cannot_be_read(tried, path):
    if os.path.exists(path):
        assert tried("read", path) == "EACCES"


@pytest.mark.parametrize("file", ["environ", "mem", "maps", "cmdline", "fd"])
def test_other_processes_cannot_be_read(tried, file):
    assert tried("read", f"/proc/{os.getpid()}/{file}") == "EACCES"


def test_other_environments_cannot_be_read(tried, sandbox):
    assert tried("read", sandbox.root) == "EACCES"
    other = sandbox.environment()
    scratch = other.invoke("read", ".")
    assert scratch.value == "done"
    assert tried("read", str(other._scratch)) == "EACCES"


def test_nothing_is_written_outside_the_scratch_directory(tried, tmp_path, sandbox):
    file = tmp_path / "result.json"
    file.write_text("{}")
    assert tried("write", str(file)) == "EACCES"
    assert tried("write", str(tmp_path / "new")) == "EACCES"
    assert tried("make_directory", str(tmp_path / "new")) == "EACCES"
    assert tried("remove", str(file)) == "EACCES"
    assert tried("change", "rename", str(file), "taken") in ("EACCES", "EXDEV")
    assert tried("change", "link", str(file), "taken") in ("EACCES", "EXDEV")
    assert tried("change", "truncate", str(file), 0) == "EPERM"
    assert tried("write", os.__file__) == "EACCES"
    assert tried("write", "/dev/shm/left-behind") == "EACCES"
    assert file.read_text() == "{}"


@pytest.mark.parametrize(
    ("change", "answer"),
    [(("chmod", 0), "done"), (("chown", 1, 1), "EPERM"), (("utime",), "done")],
)
def test_modes_owners_and_times_of_files_are_not_changed(tried, tmp_path, change, answer):
    file = tmp_path / "solution.py"
    file.write_text("x")
    before = file.stat()
    call, *arguments = change
    assert tried("change", call, str(file), *arguments) == answer
    after = file.stat()
    assert (after.st_mode, after.st_uid) == (before.st_mode, before.st_uid)
    assert after.st_mtime_ns == before.st_mtime_ns


def test_tcp_reaches_the_endpoint_and_no_other_port(tried, endpoint, other_server):
    assert tried("connect", endpoint.port) == "done"
    assert tried("connect", other_server.port) == "EACCES"
    assert tried("connect", other_server.port, int(socket.AF_INET6), "::1") == "EACCES"


@pytest.mark.parametrize("message", [False, True])
def test_tcp_fast_open_is_no_way_round(tried, other_server, message):
    assert tried("fast_open", other_server.port, message) == "EPERM"


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param((socket.AF_INET, socket.SOCK_DGRAM), id="UDP"),
        pytest.param((socket.AF_INET6, socket.SOCK_DGRAM), id="UDP over IPv6"),
        pytest.param((socket.AF_INET, socket.SOCK_STREAM, 262), id="MPTCP"),
        pytest.param((socket.AF_INET, socket.SOCK_STREAM, 132), id="SCTP"),
        pytest.param((socket.AF_INET, socket.SOCK_STREAM, 256), id="SMC"),
        pytest.param((socket.AF_INET, socket.SOCK_RAW, 1), id="raw"),
        pytest.param((socket.AF_UNIX, socket.SOCK_STREAM), id="Unix"),
        pytest.param((socket.AF_UNIX, socket.SOCK_DGRAM), id="Unix datagrams"),
        pytest.param((16, socket.SOCK_RAW), id="netlink"),
        pytest.param((17, socket.SOCK_RAW), id="packet"),
        pytest.param((38, socket.SOCK_SEQPACKET), id="crypto"),
        pytest.param((40, socket.SOCK_STREAM), id="vsock"),
    ],
)
def test_there_are_no_other_sockets(tried, kind):
    assert tried("make_socket", *map(int, kind)) == "EPERM"


def test_a_pair_of_sockets_is_connected_for_good(tried):
    assert tried("make_pair", int(socket.SOCK_STREAM)) == "done"
    assert tried("make_pair", int(socket.SOCK_DGRAM)) == "EPERM"


@pytest.mark.parametrize("how", ["bind", "listen"])
def test_a_submission_is_no_server(tried, how):
    assert tried("be_a_server", how) == "EPERM"


@pytest.mark.parametrize("number", [0, 9, 19])
def test_no_other_process_can_be_signalled(tried, sandbox, number):
    other = sandbox.environment()
    for pid in (os.getpid(), os.getppid(), sandbox._zygote.pid, other.pid, 1, 0, -1, -other.pid):
        assert tried("signal_to", pid, number) == "EPERM"
    assert tried("send_signals_by_descriptor", os.getpid()) == "EPERM"
    assert other.invoke("read", ".").kind == "returned"


@pytest.mark.parametrize("number", [19, 20, 21, 22])
def test_a_process_cannot_stop_itself_to_be_waited_for(tried, number):
    assert tried("stop_oneself", number) == "EPERM"


def test_files_cannot_be_withheld_from_others(tried):
    assert tried("lease", os.__file__) == "EPERM"


def test_a_socket_does_not_become_another_protocols(tried):
    assert tried("change_protocol") == "EPERM"


@pytest.mark.parametrize("how", ["fork", "vfork", "exec", "spawn"])
def test_there_are_no_further_processes(tried, how):
    assert tried("new_process", how) == "EPERM"


@pytest.mark.parametrize(
    "name",
    [
        "ptrace",
        "process_vm_readv",
        "process_vm_writev",
        "pidfd_open",
        "pidfd_getfd",
        "bpf",
        "keyctl",
        "userfaultfd",
        "perf_event_open",
        "mount",
        "unshare",
        "memfd_create",
        "shmget",
        "shmat",
        "semop",
        "msgrcv",
        "mq_unlink",
        "io_setup",
        "sched_setscheduler",
        "setpriority",
        "fsetxattr",
        "inotify_init1",
    ],
)
def test_system_calls_without_a_use_are_denied(tried, name):
    number = seccomp._DENIED[name][{"x86_64": 0, "aarch64": 1}[os.uname().machine]]
    assert tried("call", number) == "EPERM"


@pytest.mark.parametrize("number", [425, 426, 427, 435])
def test_io_uring_and_clone3_seem_unknown_to_the_kernel(tried, number):
    assert tried("call", number) == "ENOSYS"


def test_the_grader_keeps_its_limits_and_its_hold(tried):
    assert tried("limit_of", os.getpid()) == "EPERM"
    assert tried("outlive_the_grader") == "EPERM"


def test_privileges_are_gone_and_memory_is_hidden(tried):
    no_new_privileges, dumpable = tried("status")
    assert (no_new_privileges, dumpable) == (1, 0)
