"""Reads other submissions, the home directory, the results and what the system keeps.

Told: REFUSED
"""

for path in (
    *FACTS["others"],
    "/tmp",
    "/root",
    "/home",
    "/etc/passwd",
    "/etc/shadow",
    "/proc",
    "/",
):
    attempt(lambda: look(path))
attempt(lambda: look(os.path.expanduser("~/../..")))
