"""Landlock: what this process and its threads may open, and where they may connect.

Any process may give up rights this way, without privileges; it cannot get them back.
https://docs.kernel.org/userspace-api/landlock.html (rights and the ABI that brought each one)
Landlock does not cover stat, chdir, chmod, chown, utime, xattr: seccomp.py denies those that change
something. Nor does it cover UDP, MPTCP and TCP Fast Open: seccomp.py again.
"""

import ctypes
import os
import stat
import struct

# The same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH, _RULE_PORT = 1, 2
_VERSION_FLAG = 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_REMOVE_DIR, _REMOVE_FILE, _MAKE_CHAR, _MAKE_DIR, _MAKE_REG = (1 << bit for bit in range(4, 9))
_MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK, _MAKE_SYM = (1 << bit for bit in range(9, 13))
_REFER, _TRUNCATE, _IOCTL_DEV = (1 << bit for bit in range(13, 16))  # ABI 2, 3, 5
_BIND_TCP, _CONNECT_TCP = 1, 2  # ABI 4
_ABSTRACT_UNIX_SOCKET, _SIGNAL = 1, 2  # ABI 6

_READ = _READ_FILE | _READ_DIR
_WRITE = (
    _READ | _WRITE_FILE | _TRUNCATE | _REFER | _REMOVE_DIR | _REMOVE_FILE
    | _MAKE_DIR | _MAKE_REG | _MAKE_SYM
)  # fmt: skip
_FOR_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV

_libc = ctypes.CDLL(None, use_errno=True)


def abi():
    """The Landlock version of this kernel; 0 where there is none or it is switched off."""
    return max(0, _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG))


def restrict(read, listing, write, port, serve=()):
    """Allow reading under `read`, listing under `listing`, writing under `write`, TCP to `port`.

    `serve` are ports to listen on. Everything else on the file system and every other TCP port is
    refused from here on. Paths that do not exist are passed over. Returns the ABI in force; 0 if
    the kernel has none. OSError if the kernel has one and refuses.
    """
    version = abi()
    if version < 1:
        return 0
    files = (1 << 13) - 1
    files |= _REFER if version >= 2 else 0
    files |= _TRUNCATE if version >= 3 else 0
    files |= _IOCTL_DEV if version >= 5 else 0
    network = _BIND_TCP | _CONNECT_TCP if version >= 4 else 0
    scoped = _ABSTRACT_UNIX_SOCKET | _SIGNAL if version >= 6 else 0
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    attributes = struct.pack("=QQQ", files, network, scoped)[:size]
    ruleset = _checked(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    try:
        for paths, access in ((read, _READ), (listing, _READ_DIR), (write, _WRITE)):
            for path in paths:
                _allow_path(ruleset, path, access & files)
        _allow_path(ruleset, "/dev/null", _READ_FILE | _WRITE_FILE | (_TRUNCATE & files))
        _allow_path(ruleset, "/dev/urandom", _READ_FILE)
        if network:
            for right, number in [(_CONNECT_TCP, port), *((_BIND_TCP, own) for own in serve)]:
                _checked(_ADD_RULE, ruleset, _RULE_PORT, struct.pack("=QQ", right, number), 0)
        _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _checked(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _allow_path(ruleset, path, access):
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= _FOR_FILES
        if access:
            rule = struct.pack("=Qi", access, descriptor)
            _checked(_ADD_RULE, ruleset, _RULE_PATH, rule, 0)
    finally:
        os.close(descriptor)


def _checked(number, *arguments):
    result = _libc.syscall(number, *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, "Landlock: " + os.strerror(code))
    return result
