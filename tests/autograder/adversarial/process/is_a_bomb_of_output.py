"""Prints without end.

Told: more bytes of output were dropped
"""

text = "x" * (1 << 20)


def create_queues(prefix):
    while True:
        sys.stdout.write(text)
