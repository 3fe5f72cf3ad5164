"""Starts threads until nothing goes any more, and waits for them.

Told: can't start new thread
"""


def create_queues(prefix):
    while True:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
