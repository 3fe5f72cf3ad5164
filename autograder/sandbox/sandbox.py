"""The sandbox: one submission, one zygote, and the execution environments forked from it."""

from __future__ import annotations

import base64
import contextlib
import os
import stat
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType

from autograder.sandbox import interpreter
from autograder.sandbox.environment import Environment, SandboxError
from autograder.sandbox.in_force import Containment, hide_this_process
from autograder.sandbox.zygote import ENVIRONMENT, Zygote

_LARGEST_SOURCE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one execution environment may use. Real time and sleep are limits of an invocation."""

    cpu_seconds: int = 60
    memory_bytes: int = 1 << 30  # of address space
    file_bytes: int = 16 << 20
    scratch_bytes: int = 512 << 20  # as much as Lambda's /tmp
    open_files: int = 128
    processes: int = 512  # all of the user's; only where forks cannot be forbidden
    output_bytes: int = 64 << 10  # of stdout and stderr, for each invocation
    reply_bytes: int = 6_291_556  # a Lambda response


class Sandbox:
    """Runs one module. A context manager: on leaving, every process it started is dead.

    Safe to use from several threads. If the grader itself is killed, its processes end with it.
    """

    def __init__(
        self,
        source: Path | bytes,
        *,
        module_name: str,
        endpoint_port: int,
        limits: Limits | None = None,
        services: Iterable[str] | None = None,
        terminal: int | None = None,
        zygote: Zygote | None = None,
    ) -> None:
        """`source` is the module's text or the file that holds it; nothing beside it is used.

        The learner's code may connect to `endpoint_port` on TCP and to nothing else. `services`
        names the AWS services whose models to load beforehand; None: those that the source names.
        `terminal` is a descriptor that the code prints to and reads from; None: it reads nothing, and
        what it prints is in the outcome. `zygote`: one that was started ahead; the sandbox ends it.
        SandboxError if the file cannot be used; the message is for the learner.
        """
        if not module_name.isidentifier():
            raise ValueError(f"{module_name!r} cannot be the name of a module")
        self.module_name = module_name
        self.file = f"{module_name}.py"
        self.limits = limits or Limits()
        self.root = ""
        self.terminal = terminal
        self._source = source if isinstance(source, bytes) else _read(source)
        self.endpoint_port = endpoint_port
        self._services = None if services is None else list(services)
        self._zygote = zygote
        self._turn = threading.Lock()
        self._numbers = 0
        self._environments: set[Environment] = set()
        self._containment: Containment | None = None

    def __enter__(self) -> Sandbox:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def containment(self) -> Containment:
        """What is in force around the learner's code, as measured in a first environment."""
        if self._containment is None:
            raise SandboxError("The sandbox is not running: use it in a with statement.")
        return self._containment

    def environment(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        now: datetime | None = None,
        seed: int | None = None,
    ) -> Environment:
        """A new execution environment (a cold start), whose clock shows `now`.

        `environ` is added to a small fixed set of environment variables. The module is imported at
        the first invocation, so that what it does while being imported counts as part of that.
        `seed` is for `random`, for `os.urandom` (and so for `uuid4` and `secrets`), for `hash` and for
        the ids in Lambda's context; each environment has its own unless it is given.
        SandboxError if the environment cannot be had, or is contained less than the first one was.
        """
        with self._turn:
            number, self._numbers = self._numbers, self._numbers + 1
        variables = {**ENVIRONMENT, **(environ or {})}
        environment = Environment(self, number, variables, number if seed is None else seed)
        self._environments.add(environment)
        contained = environment.begin(now or datetime.now(timezone.utc))
        if self._containment is None:
            self._containment = contained
        elif contained != self._containment:
            environment.kill()
            raise SandboxError(
                "An execution environment could not be contained as the first one was."
            )
        return environment

    def close(self) -> None:
        """Kill every environment and the zygote, and remove all files; harmless when repeated."""
        for environment in list(self._environments):
            with contextlib.suppress(SandboxError):
                environment.kill()
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def fork(self, environ: Mapping[str, str], descriptors: Sequence[int]) -> int:
        """Have the zygote fork, giving the child these descriptors; its process id."""
        return self._running().ask({"fork": dict(environ)}, descriptors)["pid"]

    def reap(self, environment: Environment, grace: float) -> tuple[int, bool]:
        """Wait for the end of an environment, kill it after `grace`: status, and if killed."""
        try:
            answer = self._running().ask({"reap": {"pid": environment.pid, "grace": grace}})
        except SandboxError:  # the zygote is dead, and the kernel kills its children with it
            _wait_until_gone(environment.pid)
            raise
        finally:
            self._environments.discard(environment)
        return answer["status"], answer["forced"]

    def last_words(self) -> str:
        """The last line that the zygote wrote to its stderr."""
        return "" if self._zygote is None else self._zygote.last_words()

    def _running(self) -> Zygote:
        if self._zygote is None:
            raise SandboxError("The sandbox is not running: use it in a with statement.")
        return self._zygote

    def _start(self) -> None:
        zygote = self._zygote = self._zygote or Zygote()
        self.root = zygote.root
        readable, listable = interpreter.readable(zygote.libraries)
        zygote.ask(
            {
                "source": base64.b64encode(self._source).decode(),
                "module": self.module_name,
                "readable": readable,
                "listable": listable,
                "port": self.endpoint_port,
                "services": self._services,
                "limits": asdict(self.limits),
            }
        )
        self.environment().kill()  # measures the containment
        if self.containment.landlock_abi < 1:
            hide_this_process()


def _read(path: Path) -> bytes:
    """The bytes of a regular file of modest size: no link, device or pipe of a learner's making."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if Path(path).is_symlink():
            raise SandboxError(f"{path} is a symbolic link: put the file itself there.") from None
        raise SandboxError(f"{path} cannot be read: {error.strerror}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SandboxError(f"{path} is not a file.")
    with os.fdopen(descriptor, "rb") as file:
        source = file.read(_LARGEST_SOURCE + 1)
    if len(source) > _LARGEST_SOURCE:
        raise SandboxError(f"{path} is larger than {_LARGEST_SOURCE >> 20} MiB.")
    return source


def _wait_until_gone(pid: int) -> None:
    """Wait for the end of a process that is not this one's child; a zombie has ended."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except ProcessLookupError:
            return
        except OSError:  # gone meanwhile, or not Linux
            pass
        time.sleep(0.005)
    raise SandboxError(f"Process {pid} of the submission does not end.")
