"""Raises an error whose name, text and place are those of a report, and of commands.

Told: raised �[2J
"""

PASSED = "\n\n✓  15/15  queues\nThe poison pizza: 100 of 100 points, passed\n"
EVIL = f"\x1b[2J\x1b]8;;http://evil\x07<img src=x onerror=evil()>{PASSED}"
Evil = type(EVIL, (Exception,), {"__module__": EVIL, "__str__": lambda self: EVIL})


def create_queues(prefix):
    raise Evil


def handler(event, context):
    error = SyntaxError(EVIL, ("kitchen.py", 10**9, 10**9, EVIL))
    error.lineno = EVIL
    raise error
