"""Take from a process, before a learner's first line runs in it, all rights it has no use for."""

import ctypes
import math
import os
import resource
import struct
import sys

from . import landlock, seccomp

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 1, 4, 36
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522
_SPARE_MEMORY = 64 << 20

linux = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option, value):
    """Linux' prctl(2) with one argument; True if it took effect, False also on other systems."""
    return linux and _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) == 0


def die_with_parent(signal_number):
    """Have the kernel send this signal when the parent (its thread, on Linux) is gone."""
    return prctl(_PR_SET_PDEATHSIG, signal_number)


def adopt_orphans():
    """Become the parent of descendants whose own parent has died."""
    return prctl(_PR_SET_CHILD_SUBREAPER, 1)


def hide_memory():
    """Close /proc/<this process> and ptrace to the user's other processes; forks inherit it."""
    return prctl(_PR_SET_DUMPABLE, 0)


def preload():
    """Compute what does not depend on the process, so that a fork finds it in memory."""
    if linux:
        seccomp.program(os.getpid())


def confine(limits, read, listing, scratch, port, serve=()):
    """Apply limits and containment to this process. Returns a dict of what is in force.

    `limits` has cpu_seconds, memory_bytes, file_bytes, open_files and processes. The paths and the
    ports are explained in landlock.py.
    """
    report = {
        "capabilities_dropped": _drop_capabilities(),
        "no_new_privileges": prctl(_PR_SET_NO_NEW_PRIVS, 1),
        "landlock_abi": _landlock(read, listing, scratch, port, serve) if linux else 0,
        "seccomp": linux and seccomp.restrict(os.getpid(), server=bool(serve)),
    }
    return {**report, "limits": _limit(limits, can_fork=not report["seccomp"])}


def _landlock(read, listing, scratch, port, serve):
    try:
        return landlock.restrict(read, listing, [scratch], port, serve)
    except OSError:  # 16 sandboxes within each other are the most, for one
        return 0


def allow_processor_time(seconds):
    """So much more from now on, but no more than the process may have in its life."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds)
    _set(resource.RLIMIT_CPU, soft, resource.getrlimit(resource.RLIMIT_CPU)[1])


def spare_memory():
    """After a MemoryError: a little more room, to report it."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    _set(resource.RLIMIT_AS, hard, hard)


def _limit(limits, can_fork):
    seconds, memory = limits["cpu_seconds"], limits["memory_bytes"]
    wanted = {
        # The soft limit kills by name (SIGXCPU), the hard one a second later for good.
        "cpu": (resource.RLIMIT_CPU, seconds, seconds + 1),
        "memory": (resource.RLIMIT_AS, memory, memory + _SPARE_MEMORY),
        "file size": (resource.RLIMIT_FSIZE, limits["file_bytes"], limits["file_bytes"]),
        "open files": (resource.RLIMIT_NOFILE, limits["open_files"], limits["open_files"]),
        "core dumps": (resource.RLIMIT_CORE, 0, 0),
    }
    if can_fork:  # counts all processes of the user, so it is only for where nothing better is
        processes = limits["processes"]
        wanted["processes"] = (resource.RLIMIT_NPROC, processes, processes)
    return [name for name, limit in wanted.items() if _set(*limit)]


def _set(kind, soft, hard):
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    try:
        resource.setrlimit(kind, (soft, hard))
    except (ValueError, OSError):  # macOS refuses some
        return False
    return True


def _drop_capabilities():
    """Give up root's privileges over files, processes and limits of others (capset(2))."""
    if not linux:
        return False
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0))
    nothing = ctypes.create_string_buffer(struct.pack("=6I", *[0] * 6))
    return _libc.capset(header, nothing) == 0
