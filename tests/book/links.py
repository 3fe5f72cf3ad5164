"""Follows every link inside the built book, and lists those that lead out of it.

python tests/book/links.py [_build/html]
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

BOOK = Path(__file__).resolve().parents[2] / "_build" / "html"


class _Page(HTMLParser):
    """What a page links to, what it loads, and the anchors that it has."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.add(given["href"])
        elif tag == "link" and given.get("rel") != "canonical":
            self.loads.add(given.get("href", ""))
        elif "src" in given:
            self.loads.add(given["src"])


def follow(book: Path, prefix: str = "/") -> tuple[list[str], dict[str, list[str]]]:
    """Return what is wrong with the links of a built book, and who links to which other site.

    ``prefix`` is where the book begins on its site: the page for what is not found says so in its
    links.
    """
    book = book.resolve()
    pages = {
        file: _Page(file)
        for file in sorted(book.rglob("*.html"))
        if file.relative_to(book).parts[0] != "_static"  # there it is the theme's templates
    }
    wrong: list[str] = []
    outside: dict[str, list[str]] = defaultdict(list)
    for file, page in pages.items():
        name = file.relative_to(book).as_posix()
        for target in sorted(page.links | page.loads):
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                if target in page.links and parts.netloc:
                    outside[target].append(name)
                continue
            path = unquote(parts.path)
            if path.startswith("/"):
                found = (book / path.removeprefix(prefix).lstrip("/")).resolve()
            else:
                found = (file.parent / path).resolve() if path else file
            if found.is_dir():
                found /= "index.html"
            if not found.exists():
                wrong.append(f"{name}: {target}: no such file")
            elif found in pages and unquote(parts.fragment) not in {"", *pages[found].anchors}:
                wrong.append(f"{name}: {target}: no such place in that page")
    return wrong, dict(sorted(outside.items()))


def main() -> None:
    book = Path(sys.argv[1]) if len(sys.argv) > 1 else BOOK
    if not (book / "index.html").exists():
        sys.exit(f"There is no book in {book}: run `make book` first.")
    wrong, outside = follow(book, urlsplit(os.environ.get("BOOK_URL", "/")).path or "/")
    for address, names in outside.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        print(f"{address}  ({names[0]}{more})")
    print(f"\n{len(outside)} addresses outside the book, none of them visited.")
    if wrong:
        sys.exit("\n".join(["Links inside the book that lead nowhere:", *wrong]))
    print("Every link inside the book leads somewhere.")


if __name__ == "__main__":
    main()
