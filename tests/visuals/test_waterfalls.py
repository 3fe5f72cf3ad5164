"""A waterfall shows who was at work when, and who caused whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from operations.traces import Span
from visuals import waterfall
from visuals.spans import tell, took

BEGAN = datetime(2026, 11, 20, 18, tzinfo=timezone.utc)


def span(
    id: str, name: str, service: str, begun: float, ended: float, parent: str = "", links=(), **more
) -> Span:
    """A span of the trace that its id begins with: ``b3`` belongs to ``b``."""
    start, end = (BEGAN + timedelta(seconds=seconds) for seconds in (begun, ended))
    linked = tuple((link[0], link) for link in links)
    order = {"order.id": more.pop("order", "1001")}
    return Span(id[0], id, parent, linked, name, service, "internal", start, end, order, **more)


@pytest.fixture
def saga() -> list[Span]:
    """An order that is accepted, waits a minute for the kitchen, and is told to whoever listens."""
    return [
        span("a1", "POST /orders", "orders", 0, 0.1),
        span("b1", "process order.placed.v1", "saga", 0.6, 1.9, links=["a1"]),
        span("b2", "reserve stock", "inventory", 0.8, 1.0, parent="b1"),
        span("b3", "process kitchen.cook.v1", "kitchen", 32, 32.4, "b1", error="OvenOut: no fire"),
        span("b4", "process kitchen.cook.v1", "kitchen", 62, 62.4, parent="b1"),
        span("b5", "process kitchen.accepted.v1", "saga", 62.9, 63.6, parent="b4"),
        span("c1", "process order.confirmed.v2", "loyalty", 64, 64.1, links=["b5"]),
        span("d1", "process order.confirmed.v2", "analytics", 64.05, 64.3, links=["b5"]),
    ]


def draw(spans, **more):
    return waterfall(spans, title="An order", caption="From beginning to end.", **more)


def bars(seen) -> list[tuple[float, float]]:
    """Return the left and right edges of the bars, from the top."""
    found = [e for e in seen.root.iter() if e.tag.endswith("rect")]
    found = [e for e in found if {"v-call-fill", "v-fail-fill"} & set(e.get("class").split())]
    return [(x := float(e.get("x")), x + float(e.get("width"))) for e in found]


def arrows(seen, sign: str) -> list[list[tuple[float, float]]]:
    """Return the corners of the arrows of one sign, without those of the legend."""
    paths = [e.get("d") for e in seen.of(f"v-{sign}-line") if e.tag.endswith("path")]
    return [[tuple(map(float, p.split())) for p in d[1:].split(" L")] for d in paths]


def test_every_span_is_a_bar_with_its_service_name_and_time(saga, see):
    seen = see(draw(saga))
    assert len(bars(seen)) == len(saga)
    for recorded in saga:
        assert recorded.service in seen.texts
    assert seen.texts.count("process kitchen.cook.v1") == 2
    assert {"0.1 s", "1.3 s", "0.2 s", "0.4 s"} <= set(seen.texts)


def test_bars_are_drawn_to_one_scale(see):
    seen = see(draw([span("a1", "x", "x", 0, 2), span("b1", "y", "y", 1, 5)]))
    (left, middle), (begun, right) = bars(seen)
    assert begun - left == pytest.approx((middle - left) / 2, abs=0.2)
    assert right - begun == pytest.approx(2 * (middle - left), abs=0.3)


def test_a_child_hangs_on_its_parent_and_stands_further_in(saga, see):
    seen = see(draw(saga))
    assert len(arrows(seen, "muted")) == 4
    edges = bars(seen)
    assert [corners[-1][0] + 2 for corners in arrows(seen, "muted")] == pytest.approx(
        [edges[i][0] for i in (2, 3, 4, 5)], abs=0.2
    )
    left = {words: x for words, x, *_ in seen.boxes()}
    assert (
        left["orders"] == left["loyalty"] < left["inventory"] < left["process kitchen.accepted.v1"]
    )


def test_a_link_is_a_dashed_arrow_from_another_trace_and_says_so(saga, see):
    seen = see(draw(saga))
    links = [e for e in seen.of("v-again-line") if e.tag.endswith("path")]
    assert len(links) == 3
    assert all("v-dashed" in e.get("class").split() for e in links)
    assert sum("⇠ linked" in text for text in seen.texts) == 3
    assert len(seen.of("v-frame")) == 3  # rules between four traces


def test_a_saga_that_waited_and_went_on_is_one_trace(saga):
    rows = tell(saga).rows
    assert [row.trace for row in rows] == [0, 1, 1, 1, 1, 1, 2, 3]
    assert [row.depth for row in rows] == [0, 0, 1, 1, 1, 2, 0, 0]


def test_a_failure_has_a_cross_and_words_besides_its_colour(saga, see):
    seen = see(draw(saga))
    assert "✕ OvenOut: no fire" in seen.texts
    assert len(seen.of("v-fail-line")) == 2


def test_time_in_which_nobody_works_is_cut_out_if_it_would_dwarf_the_work(saga, see):
    story = tell(saga)
    assert [(p.begun, p.ended) for p in story.pauses] == [(1.9, 32), (32.4, 62)]
    assert {"0 s", "+32 s", "+62 s", "+64 s"} <= set(see(draw(saga)).texts)
    places = [story.at(seconds / 10) for seconds in range(650)]
    assert places == sorted(places) and places[0] == 0 and places[-1] == 1
    short = [span("a1", "x", "x", 0, 1), span("a2", "y", "y", 3, 4, parent="a1")]
    assert tell(short).pauses == []


def test_the_axis_says_no_time_twice(see):
    hours = 8 * 3600
    spans = [span("a1", "x", "x", 0, 1), span("b1", "y", "y", hours, hours + 30)]
    assert see(draw(spans)).texts.count("+8 h") == 1
    assert "0 s" in see(draw([span("a1", "x", "x", 0, 0)])).texts


def test_that_a_span_is_linked_is_said_in_as_many_words_as_there_is_room_for(saga, see):
    def linked(name: str) -> str:
        spans = [saga[0], replace(saga[1], name=name)]
        boxes = see(draw(spans, width=343)).boxes()  # what is seen, without what hovering tells
        return next(words for words, *_ in boxes if words.startswith(name[:9]))

    assert linked("process it") == "process it  ⇠ linked"
    assert linked("process " + "a" * 23) == "process " + "a" * 23 + "  ⇠"
    assert linked("process " + "a" * 99).endswith("a…")


def test_instants_are_seen_too(see):
    moments = [span(f"a{n}", "tick", "clock", n, n) for n in range(1, 4)]
    for left, right in bars(see(draw(moments))):
        assert right - left == pytest.approx(3)


def test_several_orders_are_told_apart(saga, see):
    assert not any("order 1001" in text for text in see(draw(saga)).texts)
    batch = [saga[0], span("e1", "POST /orders", "orders", 1, 2, order="1002")]
    assert "POST /orders, order 1002" in see(draw(batch)).texts


def test_a_cause_that_was_not_recorded_is_admitted(saga):
    picture = draw(saga[1:3])
    assert (
        "process order.placed.v1, from +0 s, 1.3 s long, begins trace 1, caused by what is not"
        in (picture.alt)
    )
    orphan = draw([saga[2]])
    assert "reserve stock, from +0 s, 0.2 s long, caused by what is not shown." in orphan.alt


def test_highlighting_marks_spans_and_services(saga, see):
    assert len(see(draw(saga, highlight=["kitchen"])).of("v-band")) == 2
    assert len(see(draw(saga, highlight=["reserve stock", "loyalty"])).of("v-band")) == 2


def test_the_words_say_what_the_picture_says(saga):
    told = draw(saga).sentences
    assert told[0].startswith("4 traces with 8 spans of orders, saga, inventory, kitchen")
    assert "orders: POST /orders, from +0 s, 0.1 s long, begins trace 1." in told
    assert any(
        t.endswith("child of process order.placed.v1; failed: OvenOut: no fire.") for t in told
    )
    assert any(t.endswith("linked to process kitchen.accepted.v1 of saga.") for t in told)
    assert "Nobody is at work from +1.9 s to +32 s." in told


def test_nothing_recorded_says_so(see):
    assert see(draw([])).texts[-1] == draw([]).sentences[0] == "No spans were recorded."


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 s"),
        (0.0001, "<1 ms"),
        (0.0042, "4 ms"),
        (1, "1 s"),
        (1.23, "1.2 s"),
        (31.4, "31 s"),
        (130, "2 min 10 s"),
        (7260, "2 h 1 min"),
    ],
)
def test_durations_are_written_in_their_largest_units(seconds, written):
    assert took(seconds) == written


def test_the_order_in_which_spans_came_in_does_not_matter(saga):
    assert draw(saga[::-1]).sentences == draw(saga).sentences


def test_hostile_text_stays_text(saga, see):
    hostile = '<script>alert("1")</script>\x1b[2J & ]]> \ud800'
    picture = draw([replace(saga[0], name=hostile, service=hostile, error=hostile)])
    assert "<script" not in picture.html + picture.svg
    picture.html.encode()
    see(picture)


@pytest.mark.parametrize("width", [343, 460, 700])
def test_no_words_overlap_or_leave_the_picture(saga, see, width):
    long = replace(saga[0], name="a name that is long " * 9, service="s" * 60, error="e" * 200)
    deep = [span(f"f{n}", f"step {n}", "deep", n, n + 1, f"f{n - 1}") for n in range(12)]
    see(draw([*saga, long, *deep], width=width)).no_words_overlap_or_leave()
