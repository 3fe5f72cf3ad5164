"""The grader's side of the zygote: the process from which execution environments are forked."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.sandbox import interpreter
from autograder.sandbox.environment import SandboxError
from localcloud.removing import remove

_START_SECONDS = 60.0
# All that the learner's code sees of the environment, besides what it is given.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "TZ": "UTC",  # as on Lambda
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",  # the same submission always gets the same result
    "PYTHONUTF8": "1",
    "MALLOC_ARENA_MAX": "2",  # threads take less of the address space
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
    "no_proxy": "*",  # on macOS, asking the system for proxies after a fork can crash
    "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
}


class Zygote:
    """A process that imports boto3 as soon as it is made, whatever it is to run, and waits for its job.

    It takes one job, in a directory of its own (`root`). It ends with this process, however that
    dies, and `close` ends it and removes the directory.
    """

    def __init__(self) -> None:
        self.libraries = interpreter.libraries()
        self.root = tempfile.mkdtemp(prefix="sandbox-")
        self._turn = threading.Lock()  # one question at a time
        self._questions = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_START_SECONDS)
        self._answers = self._control.makefile("rb")
        try:
            self._start(theirs)
        except BaseException:
            self.close()
            raise

    def _start(self, theirs: socket.socket) -> None:
        with theirs, open(Path(self.root, "zygote.log"), "wb") as log:
            self._process = subprocess.Popen(
                interpreter.command(theirs.fileno()),
                cwd=self.root,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        ready = {"libraries": self.libraries, "dont_write_bytecode": sys.dont_write_bytecode}
        with contextlib.suppress(OSError):  # it has ended already: `ask` says why
            self._control.sendall(json.dumps(ready).encode() + b"\n")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """Kill the process; the kernel then kills its environments."""
        assert self._process is not None
        self._process.kill()

    def ask(self, command: Mapping[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        """Have it do something. An answer that Ctrl-C left unread is passed over."""
        with self._turn:
            self._questions += 1
            question = json.dumps({"number": self._questions, **command}).encode() + b"\n"
            try:
                sent = socket.send_fds(self._control, [question], descriptors)
                self._control.sendall(question[sent:])
                while True:
                    answer = json.loads(self._answers.readline() or "null")
                    if answer is None:
                        raise OSError("it ended")
                    if answer["number"] == self._questions:
                        return answer
            except OSError as problem:
                reason = self.last_words() or str(problem)
                raise SandboxError(f"The sandbox's own process failed: {reason}") from problem

    def last_words(self) -> str:
        """The last line that it wrote to its stderr."""
        try:
            text = Path(self.root, "zygote.log").read_text(errors="replace")
        except OSError:
            return ""
        return text.strip().rpartition("\n")[2]

    def close(self) -> None:
        """End the process and all its environments, and remove all files; harmless when repeated."""
        self._answers.close()
        self._control.close()
        if self._process is not None:
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        remove(Path(self.root))
