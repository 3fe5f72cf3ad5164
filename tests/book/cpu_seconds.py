"""For pytest with nbval: a notebook fails when it has used far more CPU than a page should take seconds.

How long a page takes depends on what else the machine is doing; the CPU time of its kernel and of the engine
that the kernel started depends on that much less.
"""

import psutil
import pytest

# Twice the five seconds that a page may take, because a busy or throttled machine has needed up to twice
# the CPU time for the same page. A limit relative to the machine's speed would be no sharper: the start
# of a kernel, measured beside the page, varied more than the pages did. So this finds a page that is
# far too slow, not one that is a little slow, and blames none for the machine.
LIMIT = 10


def used(pid: int) -> float:
    """Return the CPU seconds of a process and of all that it started."""
    process = psutil.Process(pid)
    seconds = 0.0
    for each in [process, *process.children(recursive=True)]:
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:  # ended since it was listed
            continue
        seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    seconds = 0.0
    ends = nextitem is None or nextitem.parent is not item.parent
    kernel = getattr(item.parent, "kernel", None)
    if ends and kernel is not None and kernel.is_alive():
        seconds = used(kernel.km.provisioner.pid)
    yield  # which stops the kernel
    if seconds > LIMIT:
        pytest.fail(f"{item.parent.name} used {seconds:.1f} s of CPU: {LIMIT} s at most", False)
