"""Recorded calls to draw, made by hand; and what a reader can see of a picture."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta, timezone

import pytest

from localcloud import Call
from visuals.canvas import text_width
from visuals.theme import LARGE, NORMAL, SMALL

SVG = "{http://www.w3.org/2000/svg}"


class Log:
    """Writes down calls as localcloud would; the clock moves by ``after`` seconds before each."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.now = datetime(2026, 11, 20, 18, 0, 0, 250_000, tzinfo=timezone.utc)

    def __call__(self, caller, operation, resource, about="", after=0, outcome="ok", ids=None):
        services = {"Message": "sqs", "Queue": "sqs", "Item": "dynamodb", "Table": "dynamodb"}
        service = next((s for word, s in services.items() if word in operation), "kms")
        if ids is None:
            ids = about.split(", ") if "Message" in operation and about not in ("", "empty") else ()
        self.now += timedelta(seconds=after, milliseconds=3)
        number = len(self.calls) + 1
        what = (service, operation, resource, outcome, about, tuple(ids))
        self.calls.append(Call(number, self.now, caller, *what))
        return self


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def too_short(log: Log) -> list[Call]:
    """Thirty seconds of visibility timeout are too few for a pizza that takes 45."""
    log("orders", "CreateQueue", "orders")
    log("orders", "SendMessage", "orders", "order 17")
    log("kitchen", "ReceiveMessage", "orders", "order 17", after=1)
    log("kitchen-2", "ReceiveMessage", "orders", "order 17", after=30)
    log("kitchen", "PutItem", "cooked", "order 17", after=15)
    stale = "ReceiptHandleIsInvalid"
    log("kitchen", "DeleteMessage", "orders", "order 17", outcome=stale)
    log("kitchen-2", "PutItem", "cooked", "order 17", after=15)
    log("kitchen-2", "DeleteMessage", "orders", "order 17")
    return log.calls


@pytest.fixture
def killed(log: Log) -> list[Call]:
    """Each kind of accident once."""
    log("orders", "SendMessage", "orders", "order 17")
    log("kitchen", "ReceiveMessage", "orders", "order 17")
    log("kitchen", "PutItem", "cooked", "order 17", outcome="killed after")
    log("kitchen", "ReceiveMessage", "orders", "order 17", after=31)
    log("kitchen", "SendMessage", "delivery", "order 17", outcome="killed before", ids=())
    log("kitchen", "ReceiveMessage", "orders", "order 17", after=31)
    log("kitchen", "SendMessage", "delivery", "order 17", outcome="reply lost", ids=["d"])
    log("kitchen", "PutItem", "cooked", "order 17", outcome="ConditionalCheckFailedException")
    log("kitchen", "DeleteMessage", "orders", "order 17")
    return log.calls


@pytest.fixture
def poison(log: Log) -> list[Call]:
    """An order that cannot be cooked is received twice, then turns up in the dead-letter queue."""
    log("orders", "SendMessage", "orders", "order 13")
    for _ in range(2):
        log("Lambda", "ReceiveMessage", "orders", "order 13", after=31)
        log("Lambda", "PutItem", "cooked", "order 13", outcome="ValidationException")
    log("Lambda", "ReceiveMessage", "orders", "empty", after=31)
    log("you", "ReceiveMessage", "orders-dlq", "order 13", after=7200)
    log("you", "DeleteMessage", "orders-dlq", "order 13")
    return log.calls


@pytest.fixture
def long_error(log: Log) -> list[Call]:
    """Words much wider than the arrow they belong to, between two bars."""
    gone = "AWS.SimpleQueueService.NonExistentQueue"
    log("kitchen", "ReceiveMessage", "orders", "order 1")
    log(
        "kitchen", "ReceiveMessage", "replies", "order 1 with a very long name indeed, no end of it"
    )
    log("kitchen", "DeleteMessage", "orders", "order 1", outcome=gone)
    log("kitchen", "DeleteMessage", "replies", "order 1", outcome=gone)
    return log.calls


@pytest.fixture
def busy(log: Log) -> list[Call]:
    """Two hundred orders, cooked ten at a time."""
    names = [f"order {n}" for n in range(1, 201)]
    for name in names:
        log("orders", "SendMessage", "orders", name)
    for i in range(0, 200, 10):
        log("kitchen", "ReceiveMessage", "orders", ", ".join(names[i : i + 10]), after=1)
        for name in names[i : i + 10]:
            log("kitchen", "PutItem", "cooked", name)
            log("kitchen", "DeleteMessage", "orders", name)
    return log.calls


class Seen:
    """An SVG taken apart."""

    def __init__(self, svg: str) -> None:
        self.root = ET.fromstring(svg)

    @property
    def texts(self) -> list[str]:
        return ["".join(t.itertext()) for t in self.root.iter(f"{SVG}text")]

    def baseline(self, words: str, nth: int = 0) -> float:
        """Return the height of the nth text that reads so, within the drawing."""
        found = [e for e in self.root.iter(f"{SVG}text") if e.text == words]
        return float(found[nth].get("y"))

    def of(self, css: str) -> list[ET.Element]:
        """Return the elements that have this class."""
        return [e for e in self.root.iter() if css in e.get("class", "").split()]

    @property
    def drawing_top(self) -> float:
        """Return how far the drawing was moved down to make room for title and caption."""
        (drawing,) = self.of("v-drawing")
        return float(re.search(r"translate\(0 ([\d.]+)\)", drawing.get("transform")).group(1))

    def no_words_overlap_or_leave(self) -> None:
        """Fails when a text lies over another one, or partly outside the picture."""
        width, height = (float(self.root.get(side)) for side in ("width", "height"))
        boxes = self.boxes()
        for i, (words, left, top, right, bottom) in enumerate(boxes):
            assert left >= 0 and top >= 0 and right <= width and bottom <= height, words
            for other, left2, top2, right2, bottom2 in boxes[i + 1 :]:
                apart = right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top
                assert apart, f"{words!r} overlaps {other!r}"

    def boxes(self) -> list[tuple[str, float, float, float, float]]:
        """Return each text with its left, top, right and bottom edges, as the pen measures them."""
        boxes = []
        inside = set(self.of("v-drawing")[0].iter())
        for element in self.root.iter(f"{SVG}text"):
            words, classes = element.text or "", element.get("class", "")
            size = LARGE if "v-title" in classes else SMALL if "v-small" in classes else NORMAL
            width = text_width(words, size, bold="v-strong" in classes or "v-title" in classes)
            x, y = float(element.get("x")), float(element.get("y"))
            y += self.drawing_top if element in inside else 0
            x -= width if "v-end" in classes else width / 2 if "v-center" in classes else 0
            boxes.append((words, x, y - 0.75 * size, x + width, y + 0.2 * size))
        return boxes


@pytest.fixture
def see():
    return lambda picture: Seen(picture.svg)
