"""On other systems: a course installed beside its libraries, a kernel without Landlock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import autograder.sandbox
from autograder.sandbox import Containment, interpreter
from autograder.sandbox.inside import seccomp

COURSE = Path(autograder.sandbox.__file__).resolve().parents[2]

IMPORTER = """
import importlib

def load(name):
    try:
        importlib.import_module(name)
    except Exception as error:
        return type(error).__name__
    return "imported"
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or seccomp.program(1) is None, reason="needs Landlock and seccomp"
)


def test_a_course_installed_beside_the_libraries_stays_hidden(sandbox_of, tmp_path, monkeypatch):
    for name in ("autograder", "localcloud", "useful"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    (tmp_path / "single.py").write_text("")
    monkeypatch.setattr(interpreter, "_COURSE", tmp_path)
    libraries = [*interpreter.libraries(), str(tmp_path)]
    monkeypatch.setattr(interpreter, "libraries", lambda: libraries)
    sandbox = sandbox_of(IMPORTER, services=[])
    environment = sandbox.environment()
    names = ("useful", "single", "autograder", "localcloud")
    assert [environment.invoke("load", name).value for name in names] == [
        *("imported", "imported", "PermissionError", "PermissionError")
    ]


def test_the_report_says_what_is_in_force(sandbox_of):
    found = sandbox_of(IMPORTER, services=[]).containment
    if found.level == "partial":
        pytest.skip(found.describe())
    assert found.landlock_abi >= 4
    assert found.as_dict()["missing"] == []
    assert found.describe().startswith("The submission was fully contained")


def test_the_report_says_what_is_missing():
    bare = Containment(0, False, False, False, limits=("cpu", "file size", "open files"))
    assert bare.level == "partial"
    for word in ("no Landlock", "no seccomp", "core dumps, memory"):
        assert word in bare.describe()
    older = Containment(
        3, True, True, True, ("cpu", "memory", "file size", "open files", "core dumps")
    )
    assert older.missing == ("could connect to other TCP ports (no Landlock of ABI 4 or newer)",)


WITHOUT_LANDLOCK = f"""
import ctypes, errno, os, struct, sys
sys.path.insert(0, {str(COURSE)!r})
from autograder.sandbox import Sandbox
from autograder.sandbox.inside import seccomp

# A filter in which the system call that asks for Landlock does not exist, as in an older kernel.
seccomp._JUDGED, seccomp._DENIED, seccomp._PRETENDED = {{}}, {{}}, {{}}
seccomp._UNKNOWN = {{"landlock_create_ruleset": (444, 444)}}
assert seccomp.restrict(os.getpid())
source = b"def look(path): return open(path, 'rb').read(1) and None"
with Sandbox(source, module_name="kitchen", endpoint_port=9, services=[]) as sandbox:
    print(sandbox.containment.level, sandbox.containment.landlock_abi, sandbox.containment.seccomp)
    environment = sandbox.environment()
    print(environment.invoke("look", "/etc/passwd").kind)
    print(environment.invoke("look", "/proc/%d/mem" % os.getpid()).error.type)
    print(environment.invoke("look", "/proc/%d/mem" % sandbox._zygote.pid).error.type)
"""


def test_a_kernel_without_landlock_is_weaker_and_says_so():
    command = [sys.executable, "-c", WITHOUT_LANDLOCK]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == [
        *("partial", "0", "True"),
        "returned",
        "PermissionError",
        "PermissionError",
    ]


WITHOUT_SECCOMP = f"""
import os, sys
sys.path.insert(0, {str(COURSE)!r})
from autograder.sandbox import Sandbox
from autograder.sandbox.inside import seccomp

# A filter in which prctl knows no PR_SET_SECCOMP, as in a kernel that was built without it.
seccomp._JUDGED = {{"prctl": ((157, 167), [seccomp._none_of(0, 22)])}}
seccomp._DENIED = seccomp._UNKNOWN = seccomp._PRETENDED = {{}}
assert seccomp.restrict(os.getpid())
source = b'''
import os, time
def leave_a_daemon():
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(writing, str(os.getpid()).encode())
            while True:
                pass
        os._exit(0)
    return int(os.read(reading, 20))
'''
with Sandbox(source, module_name="kitchen", endpoint_port=9, services=[]) as sandbox:
    print(sandbox.containment.level, "processes" in sandbox.containment.limits)
    environment = sandbox.environment()
    daemon = environment.invoke("leave_a_daemon").value
    os.kill(daemon, 0)
    environment.kill()
    try:
        os.kill(daemon, 0)
    except ProcessLookupError:
        print("gone")
"""


def test_where_forks_cannot_be_forbidden_their_daemons_are_found_and_killed():
    command = [sys.executable, "-c", WITHOUT_SECCOMP]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == ["partial", "True", "gone"]
