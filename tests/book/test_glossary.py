"""A word of the glossary is a link where a page first uses it."""

from __future__ import annotations

import re

import pytest
from pages import COURSE, Page, pages

# Labs are left out: they are read in JupyterLab, which shows the role {term} as it is written.
READ_AS_PAGES = [
    page for page in pages() if page.path.suffix == ".md" and page.path.parent.name != "reference"
]

# Everyday English, which needs no link but on these pages, or in these parts of the book.
EVERYDAY: dict[str, tuple[str, ...]] = {
    "message": (),  # on every page, and in the sense that everybody knows
    "queue": (),  # the same
    "double": ("keep-the-handler-thin",),  # elsewhere: twice as much, or a duplicate
    "rule": ("welcome", "foundations", "publish_subscribe"),  # elsewhere: of the business
}
# Something else that is said with a word of the glossary.
SAID_OTHERWISE = {
    "event": r"data events",  # CloudTrail's
    "idempotent": r"Idempotent Receiver",  # a pattern's name, with links of its own
    "rule": r"rules out|business rules?|default rules",
    "trace": r"(?:no|without a|stack) trace",
}

GLOSSARY = (COURSE / "chapters" / "reference" / "glossary.md").read_text(encoding="utf-8")


def _terms() -> list[str]:
    [entries] = re.findall(r"^```\{glossary\}\n(.*?)^```", GLOSSARY, re.S | re.M)
    return re.findall(r"^(\S.*)$", entries, re.M)


def _forms(term: str) -> re.Pattern[str]:
    """The term as it is, in the plural, or as an adverb; *redriven* is another word."""
    words = r"[\s-]+".join(map(re.escape, term.split()))
    plural = rf"{words[:-1]}ies|" if re.search(r"[^aeiou]y$", term) else ""
    return re.compile(rf"(?<![\w-])(?:{plural}{words}(?:e?s|ly)?)(?![\w-])", re.I)


TERMS = sorted(_terms(), key=len, reverse=True)  # "event bus" is no use of "event"
FORMS = {term: _forms(term) for term in TERMS}


def _blank(pattern: str | re.Pattern[str], text: str) -> str:
    return re.sub(pattern, lambda match: " " * len(match[0]), text)


def _body(prose: str) -> int:
    """Where a page begins, after what it says about itself: a link there counts, a use does not."""
    head = re.match(r".*^\*\*What you['’]ll need\.\*\*.*?\n\n", prose, re.S | re.M)
    return head.end() if head else 0


def _linked(prose: str) -> dict[str, int]:
    """Where each term is first a link."""
    found: dict[str, int] = {}
    for link in re.finditer(r"\{term\}`(?:[^`<]*<([^`>]+)>|([^`]+))`", prose):
        target = " ".join((link[1] or link[2]).split()).lower()
        found.setdefault(target, link.start())
    return found


def _used(prose: str) -> dict[str, int]:
    """Where each term first stands in the running text without being a link."""
    text = " " * _body(prose) + prose[_body(prose) :]
    text = _blank(r"\{[\w:-]+\}`[^`]*`|(`+)[^`].*?\1", text)
    text = _blank(r"!?\[[^\]]*\]\([^)]*\)", text)
    text = _blank(re.compile(r"^#.*$|^\(.+\)=$", re.M), text)
    found = {}
    for term in TERMS:
        if term in SAID_OTHERWISE:
            text = _blank(re.compile(rf"\b(?:{SAID_OTHERWISE[term]})\b", re.I), text)
        if use := FORMS[term].search(text):
            found[term] = use.start()
        text = _blank(FORMS[term], text)
    return found


def _is_everyday(term: str, page: Page) -> bool:
    meant = EVERYDAY.get(term)
    return meant is not None and not {page.path.stem, page.path.parent.name} & set(meant)


def unlinked(page: Page) -> list[str]:
    """What a page uses before it links it, if it ever does, with the words around."""
    prose, missing = page.prose, []
    linked = _linked(prose)
    for term, at in sorted(_used(prose).items(), key=lambda use: use[1]):
        if not _is_everyday(term, page) and at < linked.get(term.lower(), len(prose)):
            around = " ".join(prose[max(0, at - 40) : at + 50].split())
            missing.append(f"{page}: {term}: … {around} …")
    return missing


@pytest.mark.parametrize("page", READ_AS_PAGES, ids=str)
def test_the_first_use_of_a_term_is_a_link_to_the_glossary(page: Page):
    missing = unlinked(page)
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("page", READ_AS_PAGES, ids=str)
def test_what_is_linked_is_in_the_glossary(page: Page):
    assert set(_linked(page.prose)) - {term.lower() for term in TERMS} == set()


def test_the_glossary_is_in_alphabetical_order():
    assert _terms() == sorted(_terms(), key=lambda term: term.lower().replace("-", " "))


def test_exceptions_are_words_of_the_glossary():
    assert (set(EVERYDAY) | set(SAID_OTHERWISE)) - set(TERMS) == set()
