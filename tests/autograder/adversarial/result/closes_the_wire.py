"""Hangs up on the grader and goes on.

Told: closed its private connection
"""

os.close(3)
while True:
    pass
