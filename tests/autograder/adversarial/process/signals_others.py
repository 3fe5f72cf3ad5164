"""Sends a signal to the grader, its group, its parent and everybody (one that would be harmless).

Told: REFUSED
"""

for pid in (FACTS["grader"], -FACTS["grader"], os.getppid(), 0, -1, 1):
    attempt(lambda: os.kill(pid, signal.SIGURG))
attempt(lambda: os.killpg(os.getpgid(FACTS["grader"]), signal.SIGURG))
attempt(lambda: signal.pidfd_send_signal(os.pidfd_open(FACTS["grader"]), signal.SIGURG))
