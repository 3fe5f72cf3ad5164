"""Reads the memory, the environment and the open files of the grader and of the zygote.

Told: REFUSED
"""

for pid in (FACTS["grader"], os.getppid(), "self"):
    for name in ("environ", "mem", "maps", "cmdline", "fd", "task", "root"):
        attempt(lambda: look(f"/proc/{pid}/{name}"))
for number in (101, 310, 311, 312, 434, 438, 440):  # ptrace, process_vm_readv … pidfd_getfd …
    attempt(lambda: system_call(number, 16, FACTS["grader"], 0, 0, 0, 0))
attempt(lambda: resource.prlimit(FACTS["grader"], resource.RLIMIT_CPU))
attempt(lambda: os.setpriority(os.PRIO_PROCESS, FACTS["grader"], 0))
attempt(lambda: os.sched_setaffinity(FACTS["grader"], os.sched_getaffinity(0)))
