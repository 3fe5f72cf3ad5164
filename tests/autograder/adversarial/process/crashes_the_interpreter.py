"""Dies of itself: by the wrong address, by a recursion without end.

Told: SIGSEGV
"""


def create_queues(prefix):
    ctypes.string_at(1)


def handler(event, context):
    sys.setrecursionlimit(10**9)
    return handler(event, context)
