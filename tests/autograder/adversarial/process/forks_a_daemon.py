"""Leaves a process behind that forges the result when the grading is over.

Told: REFUSED
"""


def leave():
    if os.fork():
        return "forked"
    os.setsid()
    if os.fork():
        os._exit(0)
    while True:
        Path(FACTS["marker"]).write_text("100 points")


attempt(leave)
for number in (57, 58, 435):  # fork, vfork, clone3
    attempt(lambda: system_call(number, 0, 0))
