"""The zygote: a process with boto3 in memory that forks an execution environment in milliseconds.

The grader starts it with a private socket. The first line on that is the job (see `Sandbox`); then
come `fork`, with two descriptors (the environment's wire and output), and `reap`, each answered in
turn. It runs no line of a learner itself, and is gone when the grader is.
"""

import base64
import gc
import importlib
import json
import os
import re
import resource
import signal
import site
import socket
import sys
import traceback

from . import confine, worker

# Libraries that a correct solution may use and that take long to import: loaded once, if mentioned.
_HEAVY = ("aws_lambda_powertools", "boto3", "botocore", "cloudevents", "pydantic", "jsonschema")
_MOST_MENTIONED = 50
# Service models are loaded once, too: of these, the ones that the source names.
_SERVICES = (
    "apigateway", "cloudwatch", "dynamodb", "dynamodbstreams", "events", "iam", "kinesis", "kms",
    "lambda", "logs", "pipes", "s3", "scheduler", "secretsmanager", "sns", "sqs", "ssm",
    "stepfunctions", "sts",
)  # fmt: skip


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
        job = self._receive()
        job["source"] = base64.b64decode(job["source"])
        _prepare(job, self._clock)
        self._send({"number": job["number"]})
        while True:
            command = self._receive()
            answer = self._fork(job) if "fork" in command else self._reap(**command["reap"])
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

    def _fork(self, job):
        wire, output = descriptors = [self._descriptors.pop(0) for _ in range(2)]
        pid = os.fork()
        if pid == 0:
            try:
                worker.live(wire, output, self._me, self._clock, job)
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
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                break
            self._clock.really_sleep(0.001)
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


def _prepare(job, clock):
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
    sys.path[:] = [*sys.path[1:], *job["libraries"]]  # the first one leads here
    sys.argv[:] = [""]
    sys.dont_write_bytecode = job["dont_write_bytecode"]
    gc.disable()
    clock.preload()
    _warm_boto3(job)
    mentioned = re.findall(rb"^\s*(?:from|import)\s+([\w.]+)", job["source"], re.MULTILINE)
    for name in list(dict.fromkeys(mentioned))[:_MOST_MENTIONED]:
        if name.decode().split(".")[0] in _HEAVY:
            try:
                importlib.import_module(name.decode())
            except Exception:
                continue  # the learner's import will say why
    for name in [name for name in sys.modules if name.split(".")[0] == __package__]:
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
    botocore.session.create_loader = lambda search_path_string=None: (
        create(search_path_string) if search_path_string else loader
    )
    services = job["services"]
    if services is None:
        words = set(re.findall(rb"[\"']([a-z0-9]+)[\"']", job["source"]))
        services = [service for service in _SERVICES if service.encode() in words]
    for service in services:
        session = boto3.session.Session(region_name="us-east-1")
        client = session.client(service)
        client.can_paginate(next(iter(client.meta.method_to_api_mapping)))
        if service in session.get_available_resources():
            session.resource(service)
    # It has no client yet, so neither credentials nor addresses; its event handlers are in place.
    boto3.setup_default_session()


def main(clock, descriptor, parent):
    """Serve the grader, whose process id is `parent`, over the socket `descriptor`."""
    Zygote(clock, socket.socket(fileno=descriptor), parent).run()
