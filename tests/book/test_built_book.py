"""What the built book offers around its pages: seen in a book of a few pages with the real settings."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbformat
import pytest
from links import follow
from pages import COURSE, pages

from visuals import service_map

sys.path.insert(0, str(COURSE / "_ext"))
from lists import minutes, spelled
from notebook_download import plain

ADDRESS = "https://example.org/course/"
REFERENCE = ["contents", "figures", "execution"]
OURS = [
    "chapters/welcome/doors.html",
    "labs/oven/lab.html",
    *(f"chapters/reference/{name}.html" for name in REFERENCE),
]

# One group: the book is built once, not once for each process that runs tests.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("built book")]

DOORS = """\
---
file_format: mystnb
kernelspec: {name: python3, display_name: Python 3}
---

# Open the doors

*50 minutes · beginner · Amazon SQS*

To [the oven](../../labs/oven/lab.ipynb).

```{code-cell} ipython3
print("open")
```
"""
CONTENTS = """\
format: jb-book
root: chapters/welcome/doors
parts:
  - caption: Practice
    chapters:
      - file: labs/oven/lab
  - caption: Reference
    chapters:
"""


def _lab() -> nbformat.NotebookNode:
    """A lab's notebook, with the output that it was stored with: twice the same picture."""
    picture = service_map({"oven": "function"}, [], title="One oven", caption="It is hot.")
    data = {"text/plain": repr(picture), "text/html": picture.html}
    v4 = nbformat.v4
    shown = [v4.new_output("execute_result", data, execution_count=1) for _ in range(2)]
    cell = v4.new_code_cell("oven", outputs=shown, execution_count=1)
    text = "# Lab: Heat the oven\n\n75 minutes · advanced · Lambda"
    kernel = {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python", "pygments_lexer": "ipython3"},
    }
    return v4.new_notebook(cells=[v4.new_markdown_cell(text), cell], metadata=kernel)


@pytest.fixture(scope="module")
def html(tmp_path_factory) -> Path:
    """The few pages, built as for publishing; return where."""
    book = tmp_path_factory.mktemp("book")
    shutil.copy(COURSE / "_config.yml", book)
    for folder in ("_ext", "_static"):
        shutil.copytree(COURSE / folder, book / folder)
    for folder in ("chapters/welcome", "chapters/reference", "labs/oven"):
        (book / folder).mkdir(parents=True)
    (book / "chapters/welcome/doors.md").write_text(DOORS)
    nbformat.write(_lab(), book / "labs/oven/lab.ipynb")
    listed = CONTENTS
    for name in REFERENCE:
        shutil.copy(COURSE / f"chapters/reference/{name}.md", book / "chapters/reference")
        listed += f"      - file: chapters/reference/{name}\n"
    (book / "_toc.yml").write_text(listed)
    _build(book)
    return book / "_build/html"


def _build(book: Path) -> None:
    build = "from jupyter_book.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", build, "build", ".", "-W", "-n", "--keep-going"],
        cwd=book,
        env={**os.environ, "BOOK_URL": ADDRESS},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def _page(html: Path, name: str) -> str:
    return (html / name).read_text(encoding="utf-8")


def _text(html: Path, name: str) -> str:
    article = re.search(r"<article.*?</article>", _page(html, name), re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", article[0] if article else "").split())


# --- finding one's way ---


def test_each_parts_minutes_stand_beside_its_name_in_the_navigation(html):
    for name in OURS:
        captions = re.findall(r'class="caption-text">([^<]+)', _page(html, name))
        assert [" ".join(c.split()) for c in captions] == ["Practice · 2 h 5 min", "Reference"]


def test_every_page_is_listed_with_its_minutes(html):
    text = _text(html, "chapters/reference/contents.html")
    assert "Practice · 2 h 5 min" in text
    assert "Open the doors · 50 min" in text
    assert "Lab: Heat the oven · 1 h 15 min" in text


def test_every_figure_is_listed_and_each_link_leads_to_a_different_one(html):
    listed = _page(html, "chapters/reference/figures.html")
    anchors = re.findall(r'href="../../labs/oven/lab.html#([^"]+)">One oven</a>', listed)
    assert anchors == ["figure-one-oven", "figure-one-oven-2"]
    for anchor in anchors:
        behind = _page(html, "labs/oven/lab.html").partition(f'id="{anchor}"')[2]
        assert re.search(r"<strong>([^<]+)", behind)[1] == "One oven"


def test_the_seconds_of_each_page_that_ran_are_listed(html):
    text = _text(html, "chapters/reference/execution.html")
    assert re.search(r"Open the doors \d+\.\d \d{4}-\d\d-\d\d \d\d:\d\d", text)
    assert "labs/oven" not in text


def test_every_link_inside_the_book_leads_somewhere(html):
    wrong, outside = follow(html, prefix="/course/")
    assert wrong == []
    assert [address for address in outside if not address.startswith("https://")] == []


def _in_the_sitemap(html: Path) -> list[str]:
    return [node.text for node in ElementTree.parse(html / "sitemap.xml").iter() if node.text]


def test_the_sitemap_has_every_page_at_its_address_and_nothing_else(html):
    assert _in_the_sitemap(html) == sorted(ADDRESS + name for name in OURS)


def test_the_sitemap_has_every_page_also_when_only_one_was_built_again(html):
    book = html.parents[1]
    with (book / "chapters/reference/contents.md").open("a") as page:
        page.write("\nAnother line.\n")
    untouched = (html / "labs/oven/lab.html").stat().st_mtime_ns
    _build(book)
    assert "Another line." in _text(html, "chapters/reference/contents.html")
    assert (html / "labs/oven/lab.html").stat().st_mtime_ns == untouched
    assert _in_the_sitemap(html) == sorted(ADDRESS + name for name in OURS)


def test_what_is_not_found_is_answered_with_a_page_that_works_at_any_depth(html):
    page = _page(html, "404.html")
    assert 'href="/course/chapters/welcome/doors.html"' in page
    assert [a for a in re.findall(r'(?:href|src)="([^"#]+)"', page) if a.startswith(".")] == []


# --- with a page in front of one ---


@pytest.mark.parametrize(
    "offers",
    [
        pytest.param(r'<script src="[^"]*copybutton\.js', id="copy a cell"),
        pytest.param(r'<a href="../../_sources/chapters/welcome/doors\.ipynb"', id="notebook"),
        pytest.param(r'<a href="../../_sources/chapters/welcome/doors\.md"', id="source"),
        pytest.param(r'onclick="window\.print\(\)"', id="print"),
        pytest.param(r'<link [^>]*href="[^"]*/print\.css', id="look on paper"),
        pytest.param(r'<script src="[^"]*/print\.js', id="light on paper"),
        pytest.param(r'class="[^"]*theme-switch-button', id="dark"),
        pytest.param(r'class="[^"]*search-button', id="search"),
    ],
)
def test_a_page_offers(html, offers):
    assert re.search(offers, _page(html, "chapters/welcome/doors.html"))


def test_a_page_is_downloaded_as_the_notebook_that_ran(html):
    notebook = nbformat.read(html / "_sources/chapters/welcome/doors.ipynb", as_version=4)
    [cell] = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert cell.source == 'print("open")'
    assert cell.outputs[0].text == "open\n"
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert f"To [the oven]({ADDRESS}labs/oven/lab.html)." in text


@pytest.mark.parametrize("page", [page for page in pages() if page.cells], ids=str)
def test_a_downloaded_page_has_nothing_in_it_that_jupyterlab_cannot_show(page):
    text = plain(page.text, page.path)
    assert re.findall(r"\{term\}|\{literalinclude\}|^:::.*", text, re.M) == []
    for shown in page.included:
        assert shown.rstrip() in text


@pytest.mark.parametrize("name", OURS)
def test_a_link_to_a_page_is_shown_with_a_picture(html, name):
    card = re.search(r'<meta property="og:image" content="([^"]+)"', _page(html, name))[1]
    assert card.startswith(ADDRESS)
    picture = html / card.removeprefix(ADDRESS)
    assert picture.read_bytes().startswith(b"\x89PNG")


# --- minutes ---


@pytest.mark.parametrize("total, said", [(50, "50 min"), (60, "1 h"), (125, "2 h 5 min"), (0, "")])
def test_minutes_are_said_as_people_say_them(total, said):
    assert spelled(total) == said.replace(" ", "\u00a0")


def test_every_page_but_the_reference_says_its_minutes():
    silent = [
        str(page)
        for page in pages()
        if page.path.parent.name != "reference"
        and not minutes(COURSE, Path(str(page)).with_suffix("").as_posix())
    ]
    assert silent == []
