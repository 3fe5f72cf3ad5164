"""Stops, so that it is waited for, and has itself stopped by a timer.

Told: REFUSED
"""

attempt(lambda: os.kill(os.getpid(), signal.SIGSTOP))
attempt(lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTSTP))
attempt(lambda: signal.raise_signal(signal.SIGTTIN))
