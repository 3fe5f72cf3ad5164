"""The seccomp filter, run step by step for each architecture, this machine's or not."""

from __future__ import annotations

import errno
import struct

import pytest

from autograder.sandbox.inside import seccomp

ALLOWED, PRETENDED = "allowed", 0
PID = 4711
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
MACHINES = pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])


def judge(machine, number, *arguments, arch=None, server=False):
    """What the kernel's BPF machine answers: ALLOWED, or an errno (0: success, without the call)."""
    arguments = [argument & (2**64 - 1) for argument in arguments] + [0] * 6
    data = struct.pack("=iIQ6Q", number, arch or AUDIT[machine], 0, *arguments[:6])
    steps = list(struct.iter_unpack("=HBBI", seccomp.program(PID, machine, server)))
    at = accumulator = 0
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == 0x54:
            accumulator &= value
        elif code == 0x05:
            at += value
        elif code == 0x15:
            at += if_true if accumulator == value else if_false
        elif code == 0x35:
            at += if_true if accumulator >= value else if_false
        elif code == 0x06:
            return value & 0xFFFF if value >> 16 == 5 else ALLOWED
        else:
            raise AssertionError(f"no such step: {code:#x}")


@MACHINES
def test_the_filter_is_short_enough_for_the_kernel(machine, column):
    assert len(seccomp.program(PID, machine)) // 8 <= 4096


@MACHINES
def test_calls_that_are_not_named_are_allowed(machine, column):
    tables = (seccomp._DENIED, seccomp._UNKNOWN, seccomp._PRETENDED)
    named = {numbers[column] for table in tables for numbers in table.values()}
    named |= {numbers[column] for numbers, _ in seccomp._JUDGED.values()}
    for number in set(range(470)) - named:
        assert judge(machine, number) == ALLOWED


@MACHINES
def test_other_calls_are_not_made(machine, column):
    for table, answer in (
        (seccomp._DENIED, errno.EPERM),
        (seccomp._UNKNOWN, errno.ENOSYS),
        (seccomp._PRETENDED, PRETENDED),
    ):
        for numbers in table.values():
            if numbers[column] is not None:
                assert judge(machine, numbers[column]) == answer


@MACHINES
def test_a_notebooks_kernel_may_listen_besides(machine, column):
    for name, answer in (("bind", ALLOWED), ("listen", ALLOWED), ("sched_setscheduler", PRETENDED)):
        assert judge(machine, seccomp._DENIED[name][column]) == errno.EPERM
        assert judge(machine, seccomp._DENIED[name][column], server=True) == answer
    for name in set(seccomp._DENIED) - {"bind", "listen", "sched_setscheduler"}:
        if seccomp._DENIED[name][column] is not None:
            assert judge(machine, seccomp._DENIED[name][column], server=True) == errno.EPERM
    assert judge(machine, seccomp._JUDGED["socket"][0][column], 2, 2, server=True) != ALLOWED


@MACHINES
@pytest.mark.parametrize(
    ("call", "arguments", "answer"),
    [
        ("clone", (0x3D0F00,), ALLOWED),  # a thread, as the C library makes it
        ("clone", (17,), errno.EPERM),  # a process
        ("kill", (PID, 9), ALLOWED),
        ("kill", (PID + 1, 9), errno.EPERM),
        ("kill", (-1, 9), errno.EPERM),
        ("kill", (0, 9), errno.EPERM),
        ("kill", (PID, 19), errno.EPERM),
        ("tgkill", (PID, PID, 20), errno.EPERM),
        ("tgkill", (PID, PID, 6), ALLOWED),
        ("tgkill", (1, 1, 6), errno.EPERM),
        ("prlimit64", (0, 7), ALLOWED),
        ("prlimit64", (PID, 7), ALLOWED),
        ("prlimit64", (1, 7), errno.EPERM),
        ("prctl", (1, 0), errno.EPERM),
        ("prctl", (15, 0), ALLOWED),
        ("fcntl", (3, 3), ALLOWED),
        ("fcntl", (3, 8, 1), errno.EPERM),
        ("fcntl", (3, 15, 1), errno.EPERM),
        ("fcntl", (3, 1024), errno.EPERM),
        ("setsockopt", (3, 6, 1), ALLOWED),
        ("setsockopt", (3, 6, 31), errno.EPERM),
        ("ioctl", (3, 0x5421), ALLOWED),
        ("ioctl", (3, 0x8901), errno.EPERM),
        ("ioctl", (3, 0x8902), errno.EPERM),
        ("ioctl", (3, 0x5412), errno.EPERM),
        ("socket", (2, 1, 0), ALLOWED),
        ("socket", (10, 1 | 0o2000000, 6), ALLOWED),
        ("socket", (2, 2, 0), errno.EPERM),
        ("socket", (2, 1, 262), errno.EPERM),
        ("socket", (1, 1, 0), errno.EPERM),
        ("socket", (16, 3, 0), errno.EPERM),
        ("socket", (2 + 2**32, 1, 262), errno.EPERM),
        ("socketpair", (1, 1 | 0o2000000, 0), ALLOWED),
        ("socketpair", (1, 2, 0), errno.EPERM),
        ("sendto", (3, 0, 1, 0x4000), ALLOWED),
        ("sendto", (3, 0, 1, 0x20000000), errno.EPERM),
        ("sendmsg", (3, 0, 0x20004000), errno.EPERM),
        ("sendmmsg", (3, 0, 1, 0x20000000), errno.EPERM),
    ],
)
def test_arguments_decide(machine, column, call, arguments, answer):
    numbers, _ = seccomp._JUDGED[call]
    assert judge(machine, numbers[column], *arguments) == answer


def test_calls_by_other_numbers_are_unknown():
    assert judge("x86_64", 0, arch=0x40000003) == errno.ENOSYS  # 32-bit
    assert judge("x86_64", 0x40000000) == errno.ENOSYS  # x32


def test_there_is_no_filter_for_an_unknown_architecture():
    assert seccomp.program(PID, "riscv64") is None
