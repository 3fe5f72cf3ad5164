"""Never comes to an end, blocks every signal and ignores the one that says so.

Told: does not come to an end
"""

for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def create_queues(prefix):
    while True:
        pass
