"""Takes memory until there is none.

Told: MemoryError
"""


def create_queues(prefix):
    hoard = []
    while True:
        hoard.append(bytearray(1 << 26))
