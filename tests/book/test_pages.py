"""Every page keeps to the frame that readers come to know, and to what its cells may do."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from statistics import mean

import jupyterquiz
import pytest
from pages import COURSE, Cell, Page, pages

ALL = pages()
# The front page has a frame of its own: it invites, and says what the whole book does and needs.
CHAPTERS = [page for page in ALL[1:] if page.is_chapter]
TIMED = [page for page in ALL if page.path.parent.name != "reference"]
WITH_CELLS = [page for page in ALL if page.cells]

FRAME = [
    "The problem",
    "Break it",
    "The pattern",
    "Run it again",
    "Turn a knob",
    "Trade-offs",
    "In production",
    "Check yourself",
    "Now you",  # "What comes next" where there is no lab or exercise
]


def _all_but(*sections: str) -> list[str]:
    return [section for section in FRAME if section not in sections]


# What a page lacks of the frame, and why.
LACKS = {
    # It explains tools: nothing breaks there, and there is nothing to know by heart.
    "chapters/welcome/set-up-the-kitchen.md": _all_but("Trade-offs", "Now you"),
    # A map of the restaurant: what it breaks, the patterns of the other pages repair.
    "chapters/welcome/meet-the-restaurant.md": ["The pattern", "Run it again"],
    # A recap: one evening that needs all the patterns, each of which had its page.
    "chapters/point_to_point/what-you-know-about-queues.md": _all_but("Check yourself", "Now you"),
    # It ends on open problems: the patterns that solve them are the labs after it.
    "chapters/publish_subscribe/three-problems-on-the-horizon.md": ["The pattern", "Run it again"],
}
WORDS = range(900, 2200)
WIDEST, LONGEST, USUAL = 79, 24, 15  # a cell's columns; its lines at most, and on a page's average
WIDEST_INCLUDED = 100  # _static/column.css has them in smaller letters
# They also have to run in a web page, without a server, threads or processes.
FORBIDDEN = {
    "asyncio", "concurrent", "http", "httpx", "multiprocessing", "requests", "signal", "socket",
    "subprocess", "threading", "urllib3",
}  # fmt: skip
# What a reader would not write: it stays in hidden cells, pictures apart.
OURS = {"autograder", "localcloud", "operations"}
DRAWN = {"bar_chart", "line_chart", "service_map", "timeline", "waterfall"}

every_page = pytest.mark.parametrize("page", ALL, ids=str)
every_chapter = pytest.mark.parametrize("page", CHAPTERS, ids=str)
every_page_with_cells = pytest.mark.parametrize("page", WITH_CELLS, ids=str)


# --- the frame ---


@pytest.mark.parametrize("page", TIMED, ids=str)
def test_a_page_says_how_long_and_how_hard_it_is(page: Page):
    line = r"^\*?\d+ minutes · (beginner|intermediate|advanced)( · .+)?\*?$"
    assert re.search(line, page.prose[:500], re.M)


@every_chapter
def test_a_chapter_says_what_it_does_teaches_and_needs(page: Page):
    head = page.prose[:3000].replace("’", "'")
    starts = ("**What you'll do.**", "**What you'll learn.**", "**What you'll need.**")
    assert [start for start in starts if start not in head] == []


def _framed(heading: str) -> str | None:
    """Which section of the frame a heading opens: "Break it: ask and wait" is "Break it"."""
    name = re.split("[:,] ", heading)[0]
    name = "Now you" if name == "What comes next" else name
    return name if name in FRAME else None


@every_chapter
def test_a_chapter_has_the_sections_that_readers_know_in_their_order(page: Page):
    framed = [section for section in map(_framed, page.headings) if section]
    lacked = LACKS.get(str(page), [])
    assert framed == [section for section in FRAME if section not in lacked]


@every_chapter
def test_a_chapter_is_neither_a_note_nor_a_book(page: Page):
    assert len(page.prose.split()) in WORDS


# --- the cells ---


def _imports(cell: Cell) -> set[str]:
    # Lines for IPython, such as magics, are not Python's.
    source = "\n".join(line for line in cell.source.splitlines() if not line.startswith(("%", "!")))
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@every_page_with_cells
def test_cells_that_are_read_are_narrow_and_short(page: Page):
    for cell in page.cells:
        lines = cell.source.splitlines()
        assert max(map(len, lines), default=0) <= WIDEST, cell
        assert not cell.shown or len(lines) <= LONGEST, cell
    shown = [len(cell.source.splitlines()) for cell in page.cells if cell.shown]
    assert not shown or mean(shown) <= USUAL


@every_page
def test_what_is_shown_of_files_fits_into_the_column(page: Page):
    lines = [line for text in page.included for line in text.splitlines()]
    assert [line for line in lines if len(line) > WIDEST_INCLUDED] == []


@every_page_with_cells
def test_cells_need_no_server_thread_or_process(page: Page):
    for cell in page.cells:
        assert not _imports(cell) & FORBIDDEN, cell


@every_page_with_cells
def test_what_is_read_is_ordinary_code(page: Page):
    for cell in page.cells:
        assert not cell.shown or not _imports(cell) & OURS, cell


@every_page_with_cells
def test_cells_wait_for_no_real_time(page: Page):
    for cell in page.cells:
        slept = re.findall(r"\bsleep\(\s*([\d.]+)", cell.source)
        assert all(float(seconds) <= 1 for seconds in slept), cell


def _mutes(cell: Cell) -> bool:
    return bool({"remove-cell", "remove-output"} & set(cell.tags)) or cell.source.endswith(";")


@every_page_with_cells
def test_no_cell_shows_what_aws_answered_to_a_write(page: Page):
    # Jupyter shows the value of a cell's last line: here, a dictionary of ids and headers.
    if page.path.suffix == ".ipynb":
        pytest.skip("a lab calls the learner's own functions, and stores what they show")
    writes = re.compile(r"(create|set|delete|put|send|update|purge|change|start|cancel|publish)_")
    for cell in page.cells:
        source = "\n".join(ln for ln in cell.source.splitlines() if not ln.startswith(("%", "!")))
        last = (ast.parse(source).body or [None])[-1]
        called = isinstance(last, ast.Expr) and getattr(last.value, "func", None)
        if isinstance(called, ast.Attribute) and not _mutes(cell):
            assert not writes.match(called.attr), cell


# --- pictures and questions ---


@every_page
def test_pictures_have_a_text_alternative(page: Page):
    assert re.findall(r"!\[\s*\]\([^)]*\)", page.prose) == []
    for options in re.findall(r"^```\{(?:figure|image)\} \S+\n((?::.*\n)*)", page.text, re.M):
        assert ":alt: " in options


@every_page_with_cells
def test_what_a_figure_shows_is_said_in_a_caption(page: Page):
    for cell in page.cells:
        for call in ast.walk(ast.parse(cell.source)):
            drawn = isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
            if drawn and call.func.id in DRAWN:
                given = {keyword.arg for keyword in call.keywords}
                assert {"title", "caption"} <= given, f"{cell}: {call.func.id}"


@pytest.fixture
def questions(monkeypatch):
    """Return the questions of a page, as its quiz cells make them."""

    def asked(page: Page) -> list[dict]:
        found: list[dict] = []
        monkeypatch.setattr(jupyterquiz, "display_quiz", lambda quiz, **_: found.extend(quiz))
        for cell in page.cells:
            if "display_quiz" in cell.source:
                exec(cell.source, {})
        return found

    return asked


@every_chapter
def test_there_are_three_to_five_questions(page: Page, questions):
    if "Check yourself" in LACKS.get(str(page), []):
        pytest.skip("it asks nothing")
    assert 3 <= len(questions(page)) <= 5


@every_page_with_cells
def test_every_answer_of_a_question_is_explained_and_one_is_right(page: Page, questions):
    for question in questions(page):
        text, answers = question["question"], question["answers"]
        assert 2 <= len(answers) <= 5, text
        assert sum(answer["correct"] for answer in answers) == 1, text
        for answer in answers:
            assert len(answer["feedback"]) > 15, f"{text} {answer['answer']}"


# --- links ---


def _anchors(path: Path) -> set[str]:
    text = Page(path).text
    headings = re.findall(r"^#{1,6} (.+?)\s*$", text, re.M)
    plain = (re.sub(r"[`*]|\{[^}]*\}", "", heading) for heading in headings)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}
    return slugs | set(re.findall(r"^\((.+?)\)=\s*$", text, re.M))


@every_page
def test_links_inside_the_book_lead_somewhere(page: Page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.prose):
        if re.match(r"[a-z]+:", target):
            assert target.startswith("https://"), target
            continue
        name, _, anchor = target.partition("#")
        path = (page.path.parent / name).resolve() if name else page.path
        if not path.suffix:  # a page may be named without
            path = next(
                (p for p in (path.with_suffix(".md"), path.with_suffix(".ipynb")) if p.exists()),
                path,
            )
        assert path.exists(), target
        assert path.is_relative_to(COURSE), target
        if anchor and path.suffix in (".md", ".ipynb"):
            assert anchor in _anchors(path), target


@every_chapter
def test_a_chapter_links_to_the_glossary_and_to_its_sources(page: Page):
    assert "{term}`" in page.text or "glossary" in page.text
    assert re.search(r"\]\(https://|reference/quotas", page.text)
