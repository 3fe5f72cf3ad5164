"""The zygote: a process with boto3 in memory that forks an execution environment in milliseconds.

Started by the grader as `python -S -s -u zygote.py DESCRIPTOR PARENT`: a private socket, and the id
of the grader's process. The first line on the socket is the job (see `Sandbox`); then come
`{"fork": true}` with two descriptors (the environment's wire and output) and `{"reap": pid}`.
It runs no line of a learner itself, and is gone when the grader is.
"""

import clock as clock_module

learner_clock = clock_module.Clock()
learner_clock.install()  # before anything else can import time.sleep

import base64  # noqa: E402
import gc  # noqa: E402
import importlib  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import resource  # noqa: E402
import signal  # noqa: E402
import site  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402

import confine  # noqa: E402
import worker  # noqa: E402

# Libraries that a correct solution may use and that take long to import: loaded once, if mentioned.
_HEAVY = ("aws_lambda_powertools", "boto3", "botocore", "cloudevents", "pydantic", "jsonschema")


class Zygote:
    """Forks environments on request and knows all its living children."""

    def __init__(self, control, parent):
        self._control = control
        self._parent = parent
        self._me = os.getpid()
        self._alive = set()
        self._root = os.getcwd()  # the grader starts it in the sandbox's own directory

    def run(self):
        """Serve the grader until it closes the socket or dies."""
        signal.signal(signal.SIGTERM, self._on_parent_death)
        confine.die_with_parent(signal.SIGTERM)
        if os.getppid() != self._parent:
            self._end()
        confine.adopt_orphans()
        job, _ = self._receive()
        job["source"] = base64.b64decode(job["source"])
        _prepare(job)
        self._send({"ready": True})
        while True:
            command, descriptors = self._receive()
            if "fork" in command:
                self._fork(job, descriptors)
            else:
                self._send(self._reap(command["reap"], command["grace"]))

    def _receive(self):
        data, descriptors = b"", []
        while not data.endswith(b"\n"):
            part, received, _, _ = socket.recv_fds(self._control, 1 << 16, 2)
            if not part:
                self._end()
            data += part
            descriptors += received
        return json.loads(data), descriptors

    def _send(self, message):
        try:
            self._control.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self._end()

    def _fork(self, job, descriptors):
        pid = os.fork()
        if pid == 0:
            try:
                worker.live(*descriptors, self._me, learner_clock, job)
            finally:
                os._exit(70)
        for descriptor in descriptors:
            os.close(descriptor)
        self._alive.add(pid)
        self._send({"pid": pid})

    def _reap(self, pid, grace):
        """Wait so many seconds for a child to end by itself, else kill it; its wait status."""
        forced = False
        for _ in range(int(grace * 1000)):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                break
            learner_clock.really_sleep(0.001)
        else:
            forced = grace > 0
            _kill(pid)
            _, status = os.waitpid(pid, 0)
        self._alive.discard(pid)
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


def _prepare(job):
    """Import and read, once, what environments would otherwise import and read each time."""
    open_files = job["limits"]["open_files"]
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (open_files, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    )
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")  # short of memory, the system is to kill these processes first
    except OSError:
        pass
    confine.hide_memory()
    site.setquit()
    site.sethelper()
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != own] + job["libraries"]
    sys.argv[:] = [""]
    sys.dont_write_bytecode = job["dont_write_bytecode"]
    gc.disable()
    clock_module.preload()
    _warm_boto3(job)
    for name in re.findall(rb"^\s*(?:from|import)\s+([\w.]+)", job["source"], re.MULTILINE):
        if name.decode().split(".")[0] in _HEAVY:
            try:
                importlib.import_module(name.decode())
            except Exception:
                continue  # the learner's import will say why
    for name in ("clock", "confine", "landlock", "seccomp", "worker"):
        del sys.modules[name]
    sys.dont_write_bytecode = True
    gc.freeze()
    gc.enable()


def _warm_boto3(job):
    """Load service models into a loader that all sessions share, and make the default session."""
    import encodings.idna  # noqa: F401  the first connection would import it

    import boto3
    import botocore.loaders
    import botocore.session

    loader = botocore.loaders.create_loader()
    create = botocore.session.create_loader
    botocore.session.create_loader = lambda path=None: create(path) if path else loader
    services = job["services"]
    if services is None:
        words = set(re.findall(rb"[\"']([a-z0-9-]{2,40})[\"']", job["source"]))
        services = sorted(word.decode() for word in words)
    known = set(loader.list_available_services("service-2"))
    for service in [name for name in services if name in known]:
        session = boto3.session.Session(region_name="us-east-1")
        client = session.client(service)
        client.can_paginate(next(iter(client.meta.method_to_api_mapping)))
        if service in session.get_available_resources():
            session.resource(service)
    # Without a client it has neither credentials nor addresses, but its event handlers are in place.
    boto3.setup_default_session()


if __name__ == "__main__":
    Zygote(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])).run()
