"""Makes a lab to start from: the skeleton under another name, with all that `pizza dev check` asks for."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import jupytext
import nbformat

from autograder import labs
from autograder.labs import BadInput
from autograder.outputs import store_outputs

_PLACEHOLDER = "LAB"
# Where each file of the skeleton goes; the starter goes to two places.
_PLACES = {
    "lab.yaml": ["labs/LAB/lab.yaml"],
    "starter.py": ["labs/LAB/LAB.py", "autograder/starters/LAB/LAB.py"],
    "solution.py": ["solutions/LAB/LAB.py"],
    "checks.py": ["autograder/checks/LAB.py"],
}


def make_lab(name: str) -> list[Path]:
    """Make lab `name` and return its files; raises BadInput when it cannot have that name."""
    skeleton = labs.COURSE / "autograder" / "skeleton"
    _check_name(name)
    places = dict(_PLACES)
    for kind in ("mutants", "variants"):
        for path in sorted((skeleton / kind).glob("*.py")):
            places[f"{kind}/{path.name}"] = [f"autograder/{kind}/LAB/{path.name}"]
    made = []
    for source, targets in places.items():
        text = (skeleton / source).read_text(encoding="utf-8").replace(_PLACEHOLDER, name)
        for target in targets:
            path = labs.COURSE / target.replace(_PLACEHOLDER, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            made.append(path)
    lab = labs.load_lab(name)
    text = (skeleton / "lab.md").read_text(encoding="utf-8").replace(_PLACEHOLDER, name)
    nbformat.write(jupytext.reads(text, fmt="md"), lab.folder / lab.notebook)
    store_outputs(lab)
    return [*made, lab.folder / lab.notebook]


def _check_name(name: str) -> None:
    if not (name.isidentifier() and name.islower() and name.isascii()):
        raise BadInput(
            f"A lab cannot be called “{name}”: its module has that name, so use small letters, "
            "digits and underscores, beginning with a letter."
        )
    if (labs.COURSE / "labs" / name).exists():
        raise BadInput(f"There is a lab {name} already: see labs/{name}.")
    checks = labs.COURSE / "autograder" / "checks" / f"{name}.py"
    if checks.exists():
        raise BadInput(f"autograder/checks/{name}.py is taken; choose another name.")
    if name in sys.stdlib_module_names or importlib.util.find_spec(name) is not None:
        raise BadInput(f"“{name}” is the name of a Python module; choose another one.")
