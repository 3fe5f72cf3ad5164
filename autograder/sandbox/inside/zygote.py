"""The zygote: a process with boto3 in memory that forks an execution environment in milliseconds.

The grader starts it with a private socket. The first line on that says what to import from, so that
boto3 is in memory when the second comes, which is the job (see `Sandbox`); then come `fork`, with two
descriptors (the environment's wire and output), and `reap`, each answered in turn. It runs no line of
a learner itself, and is gone when the grader is.
"""

import base64
import gc
import json
import os
import re
import resource
import signal
import site
import socket
import sys
import traceback
import warnings

from . import confine, preload, worker

_COMPILER_SECONDS, _COMPILER_BYTES = 2, 1 << 30


class Zygote:
    """Forks environments on request and knows all its living children."""

    def __init__(self, clock, control, parent):
        self._clock = clock
        self._control = control
        self._parent = parent
        self._me = os.getpid()
        self._alive = set()
        self._received = b""
        self._descriptors = []
        self._root = os.getcwd()  # the grader starts it in the sandbox's own directory

    def run(self):
        """Serve the grader until it closes the socket or dies."""
        signal.signal(signal.SIGTERM, self._on_parent_death)
        confine.die_with_parent(signal.SIGTERM)
        if os.getppid() != self._parent:
            self._end()
        confine.adopt_orphans()
        _get_ready(self._receive())
        job = self._receive()
        job["source"] = base64.b64decode(job["source"])
        self._cpu_seconds = job["limits"]["cpu_seconds"]
        self._ahead = _prepare(job, self._clock)
        self._send({"number": job["number"]})
        while True:
            command = self._receive()
            answer = (
                self._fork(job, command["fork"])
                if "fork" in command
                else self._reap(**command["reap"])
            )
            self._send({"number": command["number"], **answer})

    def _receive(self):
        while b"\n" not in self._received:
            data, descriptors, _, _ = socket.recv_fds(self._control, 1 << 16, 2)
            if not data:
                self._end()
            self._received += data
            self._descriptors += descriptors
        line, self._received = self._received.split(b"\n", 1)
        return json.loads(line)

    def _send(self, message):
        try:
            self._control.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self._end()

    def _fork(self, job, environ):
        self._ahead.prepare(environ)
        wire, output = descriptors = [self._descriptors.pop(0) for _ in range(2)]
        pid = os.fork()
        if pid == 0:
            try:
                worker.live(wire, output, self._me, self._clock, self._ahead, job)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(70)
        for descriptor in descriptors:
            os.close(descriptor)
        self._alive.add(pid)
        return {"pid": pid}

    def _reap(self, pid, grace):
        """Wait so many seconds for a child to end by itself, else kill it; its wait status."""
        forced = False
        for _ in range(int(grace * 1000)):
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                break
            self._clock.really_sleep(0.001)
        else:
            forced = grace > 0
            _kill(pid)
            _, status, usage = os.wait4(pid, 0)
        self._alive.discard(pid)
        if status == signal.SIGKILL and usage.ru_utime + usage.ru_stime >= self._cpu_seconds:
            status = signal.SIGXCPU  # it ignored that, and met the hard limit
        self._bury_orphans()
        return {"status": status, "forced": forced}

    def _bury_orphans(self):
        """Kill what an environment left behind: orphans become this process's children.

        There are none where seccomp forbids forks; this is for where it does not.
        """
        while True:
            try:
                with open(f"/proc/self/task/{self._me}/children") as file:
                    orphans = {int(pid) for pid in file.read().split()} - self._alive
            except OSError:  # not Linux
                return
            if not orphans:
                return
            for pid in orphans:
                _kill(pid)
            for pid in orphans:
                os.waitpid(pid, 0)

    def _on_parent_death(self, *_):
        if os.getppid() != self._parent:  # not only the thread that started us
            self._end()

    def _end(self):
        if os.getpid() != self._me:
            os._exit(0)
        # The socket closes before the kernel reports the parent dead: that must not end us, nor rm.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for pid in self._alive:
            _kill(pid)
        self._alive.clear()
        self._bury_orphans()  # on Linux every child that is left; it returns when they are dead
        os.execvp("rm", ["rm", "-rf", "--", self._root])  # copes with whatever is in there


def _kill(pid):
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def _get_ready(machine):
    """Do what does not depend on the job."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")  # short of memory, the system is to kill these processes first
    except OSError:
        pass
    confine.hide_memory()
    site.setquit()
    site.sethelper()
    sys.path[:] = [*sys.path[1:], *machine["libraries"]]  # the first one leads here
    sys.argv[:] = [""]
    sys.dont_write_bytecode = machine["dont_write_bytecode"]
    gc.disable()
    preload.usual()


def _prepare(job, clock):
    """Bring into memory, once, what environments would otherwise import, read and make each time.

    Returns what is made ahead when the first environment tells its variables.
    """
    open_files = job["limits"]["open_files"]
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (open_files, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    )
    clock.preload()
    confine.preload()
    preload.libraries(job["source"])
    services = preload.services(job["source"], job["services"])
    from .ahead import Ahead

    ahead = Ahead(services, re.findall(r"\w+", job["source"].decode("utf-8", "replace").lower()))
    job["code"] = _compiled(job["source"], job["module"] + ".py")
    preload.forget(__package__)
    sys.dont_write_bytecode = True
    gc.freeze()
    gc.enable()
    return ahead


def _compiled(source, file):
    """The code of a source; None for one that is not compiled here but in each environment.

    A source can be made to crash the compiler, or to keep it busy: a process is risked for that.
    """
    pid = os.fork()
    if pid == 0:
        try:
            seconds, memory = _COMPILER_SECONDS, _COMPILER_BYTES
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # a warning is to be seen by the learner
                compile(source, file, "exec", dont_inherit=True)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    return None if status else compile(source, file, "exec", dont_inherit=True)


def main(clock, descriptor, parent):
    """Serve the grader, whose process id is `parent`, over the socket `descriptor`."""
    Zygote(clock, socket.socket(fileno=descriptor), parent).run()
