"""A link that leads nowhere is found, and one that leads out is listed and not visited."""

from __future__ import annotations

from pathlib import Path

import links
import pytest


@pytest.fixture
def book(tmp_path):
    """Write pages, given by path and what is in them; return where the book is."""

    def written(**pages: str) -> Path:
        for name, text in {"index": "", **pages}.items():
            file = tmp_path / f"{name.replace('__', '/')}.html"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        return tmp_path

    return written


@pytest.mark.parametrize(
    "target",
    [
        "part/page.html",
        "part/page.html#menu",
        "part/page.html?x=1",
        "#here",
        "#",
        "/",
        "menu%20one.pdf",
    ],
)
def test_a_link_that_leads_somewhere_is_fine(book, target):
    where = book(index=f'<a id="here" href="{target}"></a>', part__page='<h1 id="menu"></h1>')
    (where / "menu one.pdf").touch()
    assert links.follow(where) == ([], {})


@pytest.mark.parametrize(
    "element, why",
    [
        ('<a href="menu.html"></a>', "index.html: menu.html: no such file"),
        ('<a href="part/page.html#x"></a>', "index.html: part/page.html#x: no such place"),
        ('<a href="#x"></a>', "index.html: #x: no such place"),
        ('<img src="pizza.svg">', "index.html: pizza.svg: no such file"),
        ('<script src="/a.js"></script>', "index.html: /a.js: no such file"),
        ('<link rel="stylesheet" href="a.css">', "index.html: a.css: no such file"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(book, element, why):
    [wrong], _ = links.follow(book(index=element, part__page=""))
    assert wrong.startswith(why)


def test_links_from_the_page_for_what_is_not_found_begin_where_the_book_begins(book):
    where = book(**{"404": '<a href="/course/index.html"></a>'})
    assert links.follow(where, prefix="/course/") == ([], {})
    assert links.follow(where)[0] != []


def test_links_that_lead_out_are_listed_with_their_pages(book):
    outside = "https://docs.aws.amazon.com/sqs"
    where = book(index=f'<a href="{outside}"></a>', part__page=f'<a href="{outside}"></a>')
    assert links.follow(where) == ([], {outside: ["index.html", "part/page.html"]})


def test_the_command_ends_with_1_and_names_what_is_wrong(book, monkeypatch):
    where = book(index='<a href="menu.html"></a>')
    monkeypatch.setattr("sys.argv", ["links.py", str(where)])
    with pytest.raises(SystemExit, match=r"index\.html: menu\.html: no such file"):
        links.main()


def test_without_a_book_the_command_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["links.py", str(tmp_path)])
    with pytest.raises(SystemExit, match="run `make book` first"):
        links.main()
