"""Makes chapters/reference/pizza.md from what the `pizza` command says about itself.

python tests/book/pizza_page.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

COURSE = Path(__file__).resolve().parents[2]
PAGE = COURSE / "chapters" / "reference" / "pizza.md"

_INTRODUCTION = """\
% Made by tests/book/pizza_page.py from the command's own help: change that, not this.

# The pizza command

{says}

`pizza COMMAND --help` says in a terminal what this page says. `make` puts the command into the \
course's virtual environment: call it as `.venv/bin/pizza`, or activate the environment first, \
with `source .venv/bin/activate`.

| Command | What it does |
|---|---|
{rows}
"""


def page() -> str:
    """Return the page's text."""
    from autograder.cli import app

    root = typer.main.get_command(app)
    commands = list(_commands(root, "pizza"))
    rows = [
        f"| [`{name}`](#{_anchor(name)}) | {_first_line(command)} |" for name, command in commands
    ]
    parts = [_INTRODUCTION.format(says=_plain(root.help), rows="\n".join(rows))]
    parts += [_section(name, command) for name, command in commands]
    return "\n".join(parts)


def _commands(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Each command below a group, by its whole name; what is hidden stays hidden."""
    for own, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from _commands(command, f"{name} {own}")
        else:
            yield f"{name} {own}", command


def _section(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = " ".join([name, *map(_placed, arguments), *(["[OPTIONS]"] if options else [])])
    lines = [f"## {name}", "", _plain(command.help), "", "```text", usage, "```", ""]
    rows = [(_named(p), p) for p in arguments] + [(_spelled(p), p) for p in options]
    if rows:
        lines += ["| Argument or option | Meaning |", "|---|---|"]
        lines += [f"| `{word}` | {_meaning(parameter)} |" for word, parameter in rows]
        lines.append("")
    return "\n".join(lines)


def _named(parameter: Any) -> str:
    return (parameter.metavar or parameter.opts[0].lstrip("-").upper()).strip("[]")


def _placed(argument: Any) -> str:
    word = _named(argument) + ("…" if argument.nargs == -1 else "")
    return word if argument.required else f"[{word}]"


def _spelled(option: Any) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag or option.count else f"{names} {_named(option)}"


def _meaning(parameter: Any) -> str:
    text = _plain(parameter.help or "")
    shown = parameter.show_default and not getattr(parameter, "is_flag", False)
    if shown and not parameter.required and parameter.default not in (None, 0, ()):
        text += f" Default: {parameter.default}."
    return text.replace("|", "\\|")


def _first_line(command: Any) -> str:
    return _plain(command.help).split("\n")[0]


def _plain(text: str) -> str:
    """Text as Markdown: what looks like an instruction to it is none."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    text = "\n\n".join(paragraphs).replace("<", "\\<").replace("*", "\\*").replace("$", "\\$")
    # An option is code, or its two hyphens would become a dash; what is code already stays so.
    return re.sub(r"(`[^`]*`)|(?<!\S)(--?[a-z][\w-]*)", lambda m: m[1] or f"`{m[2]}`", text)


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def write(path: Path = PAGE) -> None:
    path.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(COURSE))
    write()
