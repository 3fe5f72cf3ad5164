"""What keeps a learner's process in: the report on what this machine has in force."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Containment:
    """What an execution environment said of itself before the learner's first line ran in it."""

    landlock_abi: int  # 0: none
    seccomp: bool
    no_new_privileges: bool
    capabilities_dropped: bool
    limits: tuple[str, ...]
    missing: tuple[str, ...] = field(init=False)  # what is not enforced, as clauses of a sentence

    def __post_init__(self) -> None:
        object.__setattr__(self, "missing", tuple(self._missing()))

    @classmethod
    def from_report(cls, report: Mapping[str, object]) -> Containment:
        """From the report that `inside/confine.py` makes."""
        return cls(**{**report, "limits": tuple(report["limits"])})  # type: ignore[arg-type]

    @property
    def level(self) -> str:
        """`full` if nothing is missing, else `partial`."""
        return "partial" if self.missing else "full"

    def describe(self) -> str:
        """One or two sentences for a report."""
        if not self.missing:
            return (
                "The submission was fully contained: it could read only Python and its libraries, "
                "write only to its scratch directory, connect only to the TCP port of the local "
                "AWS endpoint, and start or signal no other process "
                f"(Landlock ABI {self.landlock_abi}, seccomp, resource limits)."
            )
        return (
            "The submission was partly contained: resource limits, a scrubbed environment and a "
            "scratch directory were in force, but on this system it "
            + "; it ".join(self.missing)
            + "."
        )

    def as_dict(self) -> dict[str, object]:
        """For the JSON report."""
        return {
            "level": self.level,
            "landlock_abi": self.landlock_abi,
            "seccomp": self.seccomp,
            "no_new_privileges": self.no_new_privileges,
            "capabilities_dropped": self.capabilities_dropped,
            "limits": list(self.limits),
            "missing": list(self.missing),
        }

    def _missing(self) -> list[str]:
        missing = []
        if self.landlock_abi < 1:
            missing.append("could read and write whatever the user who grades may (no Landlock)")
        if self.landlock_abi < 4:
            missing.append("could connect to other TCP ports (no Landlock of ABI 4 or newer)")
        if not self.seccomp:
            missing.append("could open other kinds of sockets and start processes (no seccomp)")
            if self.landlock_abi < 6:
                missing.append("could signal other processes of the same user (no seccomp)")
        wanted = {"cpu", "memory", "file size", "open files", "core dumps"}
        unlimited = sorted(wanted - set(self.limits))
        if unlimited:
            missing.append(f"had no limit on {', '.join(unlimited)}")
        return missing


def hide_this_process() -> None:
    """Close this process's /proc files (environ, mem, fd) to other processes of the same user.

    For where Landlock does not keep the learner out of /proc. It also takes them away from
    debuggers. https://man7.org/linux/man-pages/man2/pr_set_dumpable.2const.html
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(4, ctypes.c_ulong(0), 0, 0, 0)
