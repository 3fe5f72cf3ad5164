"""Sends one line that never ends.

Told: sent a reply that is too long
"""

while True:
    os.write(3, b"[" * 65536)
