"""A number that a page takes from the page of quotas and prices is the one that stands there."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import pytest
from pages import COURSE, Page, pages

QUOTAS = Page(COURSE / "chapters/reference/quotas.md")
every_page = pytest.mark.parametrize(
    "page", [page for page in pages() if page.path != QUOTAS.path], ids=str
)

# "one" is as often an article as a number.
WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30,
}  # fmt: skip
UNITS = {
    **dict.fromkeys(("s", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "days"),
    **{size: size for size in ("KB", "KiB", "MB", "MiB", "GB")},
}
NUMBER = re.compile(
    r"(?<![\w.,-])(\$)?"
    rf"(\d+(?:,\d{{3}})*(?:\.\d+)?|(?i:{'|'.join(WORDS)})\b)"
    rf"(?:\s({'|'.join(UNITS)})\b)?"
)

# What pages reckon themselves: so many times a price.
RECKONED = {
    "amazon-sqs": [(3, "$0.40"), (3, "$0.50")],  # an order is sent, received and deleted
    "amazon-dynamodb": [(2, "$0.625")],  # it is written, and later its reply is
    "aws-lambda": [(900, "$0.0000166667")],  # 1 GB waits as long as a function may run
    "aws-step-functions": [(4, "$25.00")],  # a workflow of four steps
}


class Number(NamedTuple):
    amount: Decimal
    unit: str | None


def numbers(text: str) -> set[Number]:
    """Return the numbers in a text: "up to 15 minutes" has 15 min."""
    found = set()
    for dollar, number, unit in NUMBER.findall(text):
        digits = str(WORDS.get(number.lower(), number)).replace(",", "")
        found.add(Number(Decimal(digits), dollar or UNITS.get(unit)))
    return found


def stands(number: Number, listed: set[Number]) -> bool:
    """Whether a number is listed; one may be said without its unit, a price rounded."""
    if number.unit == "$":
        said = min(number.amount, Decimal("0.01"), key=lambda d: d.as_tuple().exponent)
        prices = {amount for amount, unit in listed if unit == "$"}
        return number.amount in {price.quantize(said, ROUND_HALF_UP) for price in prices}
    return any(number in (other, Number(other.amount, None)) for other in listed)


def _listed() -> dict[str, set[Number]]:
    """The numbers of the whole page (""), of each section, by its anchor, and of each source."""
    listed = defaultdict(set)
    for line in QUOTAS.text.splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ").lower().replace(" ", "-")
        elif line.startswith("| "):
            _, what, value, sources, *_ = line.split("|")
            for place in ("", section, *re.findall(r"\((https:[^)]+)\)", sources)):
                listed[place] |= numbers(f"{what} {value}")
    return listed


LISTED = _listed()
RECKONED_PRICES = {
    place: {Number(times * price.amount, "$") for times, said in prices for price in numbers(said)}
    for place, prices in RECKONED.items()
}


def _taken(page: Page) -> list[tuple[str, str]]:
    """What is said in links to the quotas, or to a source of theirs; and where that should stand."""
    links = []
    for said, target in re.findall(r"\[([^\]]*)\]\(([^)\s]+)\)", page.text):
        name, _, anchor = target.partition("#")
        if name.endswith(("quotas", "quotas.md")):
            links.append((said, anchor))
        elif target in LISTED:
            links.append((said, target))
    return links


@every_page
def test_a_number_in_a_link_to_the_quotas_stands_there(page: Page):
    for said, place in _taken(page):
        listed = LISTED.get(place, set()) | RECKONED_PRICES.get(place, set())
        wrong = [number for number in numbers(said) if not stands(number, listed)]
        assert wrong == [], f'"{said}" does not stand in {place or "the quotas"}'


@pytest.mark.parametrize("place", RECKONED)
def test_a_price_that_pages_reckon_with_stands_there(place):
    assert {price for _, said in RECKONED[place] for price in numbers(said)} <= LISTED[place]


@every_page
def test_a_price_in_a_cell_stands_among_the_prices(page: Page):
    # A cell says in a comment that a number is a price.
    lines = [line.partition("#") for cell in page.cells for line in cell.source.splitlines()]
    priced = [code for code, _, comment in lines if re.search(r"dollars|\$|Quotas", comment)]
    said = re.findall(r"\d+\.\d+", " ".join(priced))
    assert [price for price in said if not stands(Number(Decimal(price), "$"), LISTED[""])] == []


@pytest.mark.parametrize(
    "said, read",
    [
        ("up to 15 minutes", [("15", "min")]),
        ("2 to 1,000", [("2", None), ("1000", None)]),
        ("Fourteen days", [("14", "days")]),
        ("$1.50 instead of $1.20", [("1.50", "$"), ("1.20", "$")]),
        ("500 a second, no more", [("500", None)]),
        ("at least once, in SQS and S3", []),
    ],
)
def test_a_number_is_read_as_it_is_written(said, read):
    assert numbers(said) == {Number(Decimal(amount), unit) for amount, unit in read}


ROW = numbers("4 days, 14 days, $0.625")


@pytest.mark.parametrize("said", ["4 days", "14", "$0.625", "$0.63"])
def test_a_number_may_be_said_without_its_unit_and_a_price_rounded(said):
    assert stands(*numbers(said), ROW)


@pytest.mark.parametrize("said", ["4 h", "15", "4.5 days", "$0.62", "$0.6", "$4"])
def test_another_number_or_another_unit_does_not_stand(said):
    assert not stands(*numbers(said), ROW)
