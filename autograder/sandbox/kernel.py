"""A Jupyter kernel that is contained as a learner's module is: for running a lab's notebook."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

from autograder.sandbox import interpreter
from autograder.sandbox.sandbox import Sandbox

NAME = "contained"
_CPU_SECONDS = 30  # starting takes one

_START = """
import sys
sys.path[0] = sys.argv[1]
from inside.kernel import main
main(sys.argv[2], sys.argv[3])
"""


def write_spec(jupyter_path: Path, sandbox: Sandbox, folder: Path, scratch: Path) -> None:
    """Describe the kernel to Jupyter: it is found with JUPYTER_PATH=`jupyter_path`, by its NAME.

    It reads Python, its libraries and what lies in `folder` now, writes to `scratch` (to be made
    beforehand), and connects to the sandbox's endpoint alone; whoever starts it is out of its
    reach. Its containment is no less than that of the (running) `sandbox`, else it does not start.
    """
    libraries = interpreter.libraries()
    readable, listable = interpreter.readable(libraries)
    job = {
        "folder": str(folder),
        "scratch": str(scratch),
        "libraries": libraries,
        "readable": [*readable, *(str(path) for path in folder.iterdir() if path.is_file())],
        "listable": [*listable, str(folder)],
        "port": sandbox.endpoint_port,
        "limits": asdict(replace(sandbox.limits, cpu_seconds=_CPU_SECONDS)),
        "landlock_abi": sandbox.containment.landlock_abi,
        "seccomp": sandbox.containment.seccomp,
    }
    inside = str(Path(__file__).parent)
    spec = {
        "argv": [
            *(sys.executable, "-S", "-s", "-c", _START),
            *(inside, json.dumps(job), "{connection_file}"),
        ],
        "display_name": "Python 3, contained",
        "language": "python",
        "env": {"HOME": str(scratch), "TMPDIR": str(scratch), "IPYTHONDIR": str(scratch)},
    }
    place = jupyter_path / "kernels" / NAME
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps(spec))
