"""Uses what else the kernel offers: keys, userfaultfd, message queues, mounts, namespaces, watches.

Told: REFUSED
"""

# keyctl, userfaultfd, shmat, msgrcv, mq_open, unshare, mount, bpf, perf, inotify, personality …
for number in (
    248,
    250,
    323,
    29,
    30,
    70,
    240,
    272,
    165,
    321,
    298,
    253,
    294,
    300,
    135,
    161,
    304,
    206,
):
    attempt(lambda: system_call(number, 0, 0, 0, 0, 0, 0))
attempt(lambda: system_call(157, 1, 0, 0, 0, 0))  # to outlive the grader
attempt(lambda: fcntl.fcntl(open(os.__file__), 1024, fcntl.F_RDLCK))
