"""What can be deployed: one module per template, each a stack of its own."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from operations.engines import Problem
from operations.packaging import PIZZERIA

TEMPLATES = PIZZERIA / "templates"
SAGA = "saga-by-hand"
"""Which of the three sagas it is if nobody says otherwise."""


@dataclass(frozen=True)
class Module:
    """A template. All sagas share one stack: one of them is at work, and the queues stay when it changes."""

    name: str
    template: Path

    @property
    def family(self) -> str:
        """Its name, and of all sagas: saga."""
        return "saga" if self.name.startswith("saga-") else self.name

    @property
    def stack(self) -> str:
        return f"pizzeria-{self.family}"

    @property
    def body(self) -> dict[str, Any]:
        """The template, parsed; CloudFormation's short functions are left as they are written."""
        return _parse(self.template)

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.body.get("Parameters", {}))

    @property
    def needs(self) -> set[str]:
        """The families of modules that must be there first: those whose SSM parameters it reads."""
        defaults = (str(each.get("Default", "")) for each in self.parameters.values())
        return {m[1] for d in defaults if (m := re.match(r"/pizzeria/([\w-]+)/", d))}


class _AsWritten(yaml.SafeLoader):
    """Reads ``!Ref X`` and its like as plain values."""


def _plain(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node, deep=True)


_AsWritten.add_multi_constructor("!", _plain)


@cache
def _parse(template: Path) -> dict[str, Any]:
    return dict(yaml.load(template.read_text(encoding="utf-8"), Loader=_AsWritten))


@cache
def all_modules() -> dict[str, Module]:
    """Return every module by its name."""
    return {path.stem: Module(path.stem, path) for path in sorted(TEMPLATES.glob("*.yaml"))}


def find(name: str) -> Module:
    """Return a module; ``saga`` is the one written by hand. Raises Problem naming the nearest one."""
    known = all_modules()
    if name == "saga":
        return known[SAGA]
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    meant = f": did you mean “{close[0]}”?" if close else "."
    raise Problem(f"There is no module “{name}”{meant} The modules are: {', '.join(known)}.")


def waves(modules: list[Module]) -> list[list[Module]]:
    """Return modules in the order of deployment: those of a wave need only what is in earlier ones."""
    found: list[list[Module]] = []
    left = {module.family: module for module in modules}
    while left:
        ready = [m for m in left.values() if not m.needs & left.keys() - {m.family}]
        found.append(ready)
        for module in ready:
            del left[module.family]
    return found


def with_needs(module: Module, there: set[str]) -> list[Module]:
    """Return a module and what it needs, directly or not, that is not `there` (families)."""
    wanted = {module.family: module}
    to_look_at = [module]
    while to_look_at:
        for family in to_look_at.pop().needs - there - wanted.keys():
            wanted[family] = find(family)
            to_look_at.append(wanted[family])
    return list(wanted.values())
