"""The book's pages, read as text and cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

import jupytext
import yaml
from sphinx.directives.code import LiteralIncludeReader

COURSE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Cell:
    """A code cell."""

    page: str
    number: int
    source: str
    tags: tuple[str, ...]

    @property
    def shown(self) -> bool:
        """Whether the reader sees its code."""
        return not {"remove-input", "remove-cell", "hide-input"} & set(self.tags)

    def __str__(self) -> str:
        return f"{self.page}, cell {self.number}"


@dataclass(frozen=True)
class Page:
    """A page of the table of contents."""

    path: Path

    def __str__(self) -> str:
        return self.path.relative_to(COURSE).as_posix()

    @cached_property
    def text(self) -> str:
        if self.path.suffix == ".ipynb":
            return "\n\n".join(
                c.source for c in jupytext.read(self.path).cells if c.cell_type != "code"
            )
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def cells(self) -> list[Cell]:
        """Its code cells, in order; a page without any is no notebook."""
        if self.path.suffix == ".md" and "file_format: mystnb" not in self.text:
            return []
        code = [cell for cell in jupytext.read(self.path).cells if cell.cell_type == "code"]
        return [
            Cell(str(self), number, cell.source, tuple(cell.metadata.get("tags", [])))
            for number, cell in enumerate(code, 1)
        ]

    @cached_property
    def prose(self) -> str:
        """Its text without code blocks and directives' options."""
        text = re.sub(r"^---\n.*?^---\n", "", self.text, count=1, flags=re.S | re.M)
        return re.sub(r"^(`{3,}|:{3,})\{?.*?^\1\s*$", "", text, flags=re.S | re.M)

    @property
    def included(self) -> list[str]:
        """What it shows of files, as it shows it."""
        directives = re.findall(
            r"^```\{literalinclude\} (\S+)\n((?::.*\n)*)", self.text, flags=re.M
        )
        settings = SimpleNamespace(source_encoding="utf-8")
        shown = []
        for name, lines in directives:
            options = dict(re.findall(r'^:([\w-]+): "?(.*?)"?$', lines, flags=re.M))
            reader = LiteralIncludeReader(str(self.path.parent / name), options, settings)
            shown.append(reader.read()[0])
        return shown

    @property
    def headings(self) -> list[str]:
        """Its second-level headings, in order."""
        return re.findall(r"^## (.+?)\s*$", self.prose, flags=re.M)

    @property
    def is_chapter(self) -> bool:
        """Whether it teaches: no lab, nothing of the reference."""
        return self.path.suffix == ".md" and self.path.parent.name != "reference"


def pages() -> list[Page]:
    """Every page of the table of contents, in its order."""
    contents = yaml.safe_load((COURSE / "_toc.yml").read_text(encoding="utf-8"))
    names = [contents["root"]]
    for part in contents["parts"]:
        names += [chapter["file"] for chapter in part["chapters"]]
    found = []
    for name in names:
        there = [COURSE / f"{name}{suffix}" for suffix in (".md", ".ipynb")]
        found.append(Page(next(path for path in there if path.exists())))
    return found
