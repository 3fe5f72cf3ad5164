"""Reads the solution, the checks, the mutants and itself through every door.

Told: REFUSED
"""

import importlib.machinery
import linecache
import mmap
import pkgutil

for path in FACTS["course"]:
    attempt(lambda: look(path))
    attempt(lambda: os.open(path, os.O_RDONLY))
    attempt(lambda: mmap.mmap(os.open(path, os.O_RDONLY), 0))
    attempt(lambda: Path(path).resolve().read_bytes())
    attempt(lambda: refuse_if(not linecache.getlines(path)))
    attempt(lambda: importlib.machinery.SourceFileLoader("s", path).get_data(path))
    attempt(lambda: os.link(path, "mine"))
    os.symlink(path, name := f"link{time.perf_counter_ns()}")
    attempt(lambda: look(name))
for name in ("solutions", "autograder", "autograder.checks", "localcloud", "labs", "inside"):
    sys.path.insert(0, FACTS["root"])
    attempt(lambda: __import__(name))
    attempt(lambda: refuse_if(pkgutil.get_data("autograder.checks", "dlq.py") is None))
