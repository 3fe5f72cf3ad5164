"""Waits without working, for what never comes: no limit of CPU time ends it.

Told: create_queues did not finish within
"""


def create_queues(prefix):
    threading.Event().wait()
