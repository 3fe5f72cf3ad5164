"""A seccomp filter: which system calls this process and its threads may make, and with what.

https://docs.kernel.org/userspace-api/seccomp_filter.html
It closes what Landlock leaves open (processes, signals, sockets other than TCP, changes of mode
and owner) and stays in force for good. Calls not named here are allowed: Python and boto3 need
many, and which ones differs between C libraries.
"""

import ctypes
import errno
import functools
import platform
import struct

# Each architecture: its AUDIT_ARCH_* number, and the column of the tables below.
# The numbers are in the kernel's arch/x86/entry/syscalls/syscall_64.tbl and
# include/uapi/asm-generic/unistd.h.
_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

# Answered with EPERM, whatever the arguments. None: this architecture has no such call.
_DENIED = {
    # other programs (nor forks: see clone below)
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    # other processes: their signals, memory, descriptors, scheduling
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "kcmp": (312, 272),
    "move_pages": (279, 239), "migrate_pages": (256, 238), "setpriority": (141, 140),
    "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118), "sched_setattr": (314, 274), "ioprio_set": (251, 30),
    # files outside the scratch directory, by ways that Landlock does not see
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466), "file_setattr": (469, 469), "truncate": (76, 45),
    "inotify_init": (253, None), "inotify_init1": (294, 26), "fanotify_init": (300, 262),
    # being a server
    "bind": (49, 200), "listen": (50, 201),
    # memory that no limit counts, that outlives the process or that is somebody else's
    "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "msgget": (68, 186),
    "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187), "semget": (64, 190),
    "semop": (65, 193), "semctl": (66, 191), "semtimedop": (220, 192),
    "mq_open": (240, 180), "mq_unlink": (241, 181),
    # other views of the system, and parts of the kernel that this code has no business with
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428),
    "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fspick": (433, 433), "mount_setattr": (442, 442), "open_tree_attr": (467, 467),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "personality": (135, 92),
    "modify_ldt": (154, None), "quotactl": (179, 60), "syslog": (103, 116),
    "io_setup": (206, 0), "sync": (162, 81),
}  # fmt: skip

# Answered as if the kernel were older, so that callers fall back on something the filter can judge.
_UNKNOWN = {
    "clone3": (435, 435),  # its flags lie in memory; the C library then uses clone
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
}  # fmt: skip

# Answered as if done: shutil.copy changes modes, copy2 and pathlib's touch times. Whose file it is
# cannot be told here, so it is done to none.
_PRETENDED = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
}  # fmt: skip

# What a Jupyter kernel needs besides: to listen, on the ports that Landlock allows, and libzmq to
# believe that it has set the (default) scheduling of its threads.
_ALLOWED_TO_SERVERS = ("bind", "listen")
_PRETENDED_TO_SERVERS = ("sched_setscheduler",)

_CLONE_THREAD = 0x00010000
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_SOCK_STREAM, _SOCK_TYPE_MASK, _IPPROTO_TCP = 1, 0xF, 6
_MSG_FASTOPEN = 0x20000000  # connects without the connect(2) that Landlock watches
_PR_SET_PDEATHSIG = 1
_TCP_ULP = 31
_F_SETOWN, _F_SETOWN_EX, _FIOSETOWN, _SIOCSPGRP = 8, 15, 0x8901, 0x8902
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_F_SETLEASE, _F_NOTIFY = 1024, 1026
_STOPPING = (19, 20, 21, 22)  # SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU
_OWN_PID = 0x7EED7EED  # stands for the process's own id in a template; no process has such an id


def _one_of(argument, *values, mask=None):
    return argument, mask, values, True


def _none_of(argument, *values):
    return argument, None, values, False


# Calls allowed if their arguments fulfil every condition: their numbers and the conditions.
_JUDGED = {
    "clone": ((56, 220), [_one_of(0, _CLONE_THREAD, mask=_CLONE_THREAD)]),
    # nor may it stop itself, and be waited for
    "kill": ((62, 129), [_one_of(0, _OWN_PID), _none_of(1, *_STOPPING)]),
    "tgkill": ((234, 131), [_one_of(0, _OWN_PID), _none_of(2, *_STOPPING)]),
    "prlimit64": ((302, 261), [_one_of(0, 0, _OWN_PID)]),
    "prctl": ((157, 167), [_none_of(0, _PR_SET_PDEATHSIG)]),  # it must die with the grader
    # whose signals would go to another process; a lease would keep others from opening the file
    "fcntl": ((72, 25), [_none_of(1, _F_SETOWN, _F_SETOWN_EX, _F_SETLEASE, _F_NOTIFY)]),
    # nor may it type for whoever sits at a terminal that it is given
    "ioctl": ((16, 29), [_none_of(1, _FIOSETOWN, _SIOCSPGRP, _TIOCSTI, _TIOCLINUX)]),
    # TCP alone: not MPTCP (Landlock does not see it), UDP, Unix, netlink, vsock …
    "socket": (
        (41, 198),
        [
            _one_of(0, _AF_INET, _AF_INET6),
            _one_of(1, _SOCK_STREAM, mask=_SOCK_TYPE_MASK),
            _one_of(2, 0, _IPPROTO_TCP),
        ],
    ),
    # asyncio needs a pair; one of datagram sockets could send to any address
    "socketpair": (
        (53, 199),
        [_one_of(0, _AF_UNIX), _one_of(1, _SOCK_STREAM, mask=_SOCK_TYPE_MASK)],
    ),
    # could make another protocol of a TCP socket (SMC), which Landlock does not see either
    "setsockopt": ((54, 208), [_none_of(2, _TCP_ULP)]),
    "sendto": ((44, 206), [_one_of(3, 0, mask=_MSG_FASTOPEN)]),
    "sendmsg": ((46, 211), [_one_of(2, 0, mask=_MSG_FASTOPEN)]),
    "sendmmsg": ((307, 269), [_one_of(3, 0, mask=_MSG_FASTOPEN)]),
}


# Classic BPF, https://docs.kernel.org/networking/filter.html
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_JUMP, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST = 0x05, 0x15, 0x35
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_X32_BIT = 0x40000000


def _step(code, value, if_true=0, if_false=0):
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _fail(code):
    """Do not make the call; its result is this error, or success if that is 0."""
    return _step(_RETURN, _ERRNO | code)


def _when(number, block):
    """`block` if the call in the accumulator has this number (a block ends with an answer)."""
    return [_step(_JUMP_IF_EQUAL, number, 0, len(block)), *block]


def _judge(conditions, code):
    block = []
    for argument, mask, values, wanted in conditions:
        # The kernel takes these arguments as 32-bit numbers: the low half is what it sees.
        block.append(_step(_LOAD, _ARGUMENTS + 8 * argument))
        if mask is not None:
            block.append(_step(_AND, mask))
        # An equal value jumps over the remaining comparisons and over one step more: that step is
        # the refusal if the value was wanted, and the way round the refusal if it was not.
        block += [
            _step(_JUMP_IF_EQUAL, value, len(values) - index, 0)
            for index, value in enumerate(values)
        ]
        if not wanted:
            block.append(_step(_JUMP, 1))
        block.append(_fail(code))
    return [*block, _step(_RETURN, _ALLOW)]


def program(pid, machine=None, server=False):
    """The filter for process `pid` in the kernel's format; None for an unknown architecture.

    `server`: it may bind and listen (Landlock says on which ports).
    """
    template = _template(machine or platform.machine(), server)
    return template and template.replace(struct.pack("=I", _OWN_PID), struct.pack("=I", pid))


@functools.cache
def _template(machine, server):
    audit, column = _ARCHITECTURES.get(machine, (0, 0))
    if not audit:
        return None
    steps = [
        _step(_LOAD, _ARCH),
        _step(_JUMP_IF_EQUAL, audit, 1, 0),
        _fail(errno.ENOSYS),  # 32-bit calls on a 64-bit kernel have other numbers
        _step(_LOAD, _NUMBER),
        _step(_JUMP_IF_AT_LEAST, _X32_BIT, 0, 1),
        _fail(errno.ENOSYS),
    ]
    for name, (judged, conditions) in _JUDGED.items():
        # libzmq looks for network cards, and copes with a system that does not know how.
        unsupported = server and name == "socket"
        code = errno.EOPNOTSUPP if unsupported else errno.EPERM
        steps += _when(judged[column], _judge(conditions, code))
    for code, table in ((0, _PRETENDED), (errno.EPERM, _DENIED), (errno.ENOSYS, _UNKNOWN)):
        for name, numbers in table.items():
            allowed = numbers[column] is None or (server and name in _ALLOWED_TO_SERVERS)
            pretended = server and name in _PRETENDED_TO_SERVERS
            if not allowed:
                steps += _when(numbers[column], [_fail(0 if pretended else code)])
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, _PR_SET_NO_NEW_PRIVS = 22, 2, 38


def restrict(pid, server=False):
    """Put the filter in force for this process, whose id is `pid`; False where that cannot be."""
    filter_ = program(pid, server=server)
    if filter_ is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    description = _Program(len(filter_) // 8, filter_)
    done = libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(description), 0, 0)
    return done == 0
