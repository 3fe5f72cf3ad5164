"""A Jupyter kernel that is contained as a learner's module is: for running a lab's notebook."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from autograder.sandbox import interpreter
from autograder.sandbox.in_force import Containment
from autograder.sandbox.sandbox import Limits

NAME = "contained"
LIMITS = Limits(cpu_seconds=30)

_START = """
import sys
sys.path[0] = sys.argv[1]
from inside.kernel import main
main(sys.argv[2], sys.argv[3])
"""


def write_spec(
    jupyter_path: Path, folder: Path, scratch: Path, port: int, like: Containment
) -> None:
    """Describe the kernel to Jupyter: it is found with JUPYTER_PATH=`jupyter_path`, by its NAME.

    It reads Python, its libraries and the files that lie in `folder` now (modules to import),
    writes to `scratch` (a directory that exists), and connects to the TCP port `port` alone; who
    starts it is out of its reach. It does not start if it cannot be contained `like` this.
    """
    libraries = interpreter.libraries()
    readable, listable = interpreter.readable(libraries)
    job = {
        "folder": str(folder),
        "scratch": str(scratch),
        "libraries": libraries,
        "readable": [*readable, *(str(path) for path in folder.iterdir() if path.is_file())],
        "listable": [*listable, str(folder)],
        "port": port,
        "limits": asdict(LIMITS),
        "landlock_abi": like.landlock_abi,
        "seccomp": like.seccomp,
    }
    command = [sys.executable, "-S", "-s", "-c", _START, str(Path(__file__).parent)]
    spec = {
        "argv": [*command, json.dumps(job), "{connection_file}"],
        "display_name": "Python 3, contained",
        "language": "python",
        "env": {"HOME": str(scratch), "TMPDIR": str(scratch), "IPYTHONDIR": str(scratch)},
    }
    place = jupyter_path / "kernels" / NAME
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
