"""What came of one invocation, as the learner is told it. No verdict is made from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Kind = Literal[
    "returned",  # with `value`
    "raised",  # with `error`
    "exited",  # ended its own process, with `exit_code`
    "killed",  # by the signal `signal`; `by_grader` if on purpose
    "timed out",  # in real time, or asleep for too long
    "not loaded",  # importing the module raised `error`
    "not found",  # the module has no such function
    "protocol",  # sent what is no reply; `detail` says more
]


class Frame(NamedTuple):
    """A line of the learner's own code that an exception went through, outermost first."""

    line: int
    function: str  # empty for a syntax error
    source: str


@dataclass(frozen=True)
class LearnerError:
    """An exception of the learner's code; the frames of libraries are left out."""

    type: str
    message: str
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """One invocation. Text in it comes from the learner's process and is to be quoted with care."""

    kind: Kind
    file: str  # "kitchen.py"
    function: str
    value: Any = None
    error: LearnerError | None = None
    output: str = ""  # stdout and stderr as they were written
    exit_code: int | None = None
    signal: str | None = None  # "SIGSEGV"
    by_grader: bool = False
    detail: str = ""
    importing: bool = False  # ended while the module was being imported
    slept: float = 0.0  # emulated seconds
    seconds: float = 0.0  # real seconds

    @property
    def message(self) -> str:
        """What happened, in one sentence for the learner."""
        where = f"while {self.file} was being imported" if self.importing else f"in {self.function}"
        if self.kind == "returned":
            return f"{self.function} returned."
        if self.kind == "not found":
            return f"{self.file} has no function named {self.function}."
        if self.kind in ("raised", "not loaded") and self.error:
            return self._error_message(self.error)
        if self.kind == "exited":
            return (
                f"The process ended itself with exit code {self.exit_code} {where}. "
                "Return or raise instead: Lambda counts an exit as a failure."
            )
        if self.kind == "killed":
            if self.by_grader:
                return f"The grader killed the process {where}."
            return f"The process was killed by {self.signal} {where}{self._why_killed()}."
        importing = f" {where}" if self.importing else ""
        if self.kind == "timed out":
            return f"{self.detail}{importing}."
        return f"The process {self.detail}{importing} and was stopped."

    def _error_message(self, error: LearnerError) -> str:
        place = ""
        if error.frames:
            line, function, source = error.frames[-1]
            inside = f", in {function}" if function and function != "<module>" else ""
            place = f" ({self.file}, line {line}{inside}{': ' + source if source else ''})"
        text = f"{error.type}: {error.message}" if error.message else error.type
        if self.kind == "not loaded":
            return f"{self.file} could not be imported: {text}{place}"
        if error.type == "NotImplementedError":
            return f"{self.function} is not written yet: {text}{place}"
        return f"{self.function} raised {text}{place}"

    def _why_killed(self) -> str:
        if self.signal == "SIGXCPU":
            return ": it had used all the processor time that an invocation may take"
        if self.signal == "SIGSEGV":
            return ": a recursion too deep for the interpreter is the usual reason"
        return ""


def parse(line: bytes) -> dict[str, Any]:
    """A message from the learner's process: a JSON object. ValueError for anything else.

    Nothing in it can hurt: no huge integers (slow to parse), no NaN, no lone surrogates (which no
    report could print), no nesting without end.
    """
    try:
        message = json.loads(line.decode(), parse_int=_integer, parse_constant=_refuse)
        json.dumps(message, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(message, dict):
        raise ValueError("not an object")
    return message


def from_reply(reply: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an Outcome that a reply carries; ValueError if it is malformed."""
    kind = reply.get("kind")
    if kind == "returned" and set(reply) == {"id", "kind", "value"}:
        return {"kind": kind, "value": reply["value"]}
    if kind == "not found" and set(reply) == {"id", "kind"}:
        return {"kind": kind}
    if kind in ("raised", "not loaded") and set(reply) == {"id", "kind", "error"}:
        return {"kind": kind, "error": _error(reply["error"])}
    raise ValueError("no known kind of reply")


def _error(described: Any) -> LearnerError:
    if not isinstance(described, dict):
        raise ValueError("no description of an error")
    name, message, frames = (described.get(key) for key in ("type", "message", "frames"))
    if not (isinstance(name, str) and isinstance(message, str) and isinstance(frames, list)):
        raise ValueError("no description of an error")
    return LearnerError(name[:200], message[:4000], tuple(map(_frame, frames[:50])))


def _frame(described: Any) -> Frame:
    if not (isinstance(described, list) and [type(part) for part in described] == [int, str, str]):
        raise ValueError("no frame")
    line, function, source = described
    return Frame(line, function[:200], source[:400])


def _integer(digits: str) -> int:
    if len(digits) > 400:
        raise ValueError("an integer of more than 400 digits")
    return int(digits)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
