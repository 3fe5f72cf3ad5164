"""Charts show the numbers they are given."""

from __future__ import annotations

from itertools import pairwise

import pytest

from visuals import bar_chart, line_chart
from visuals.canvas import text_width
from visuals.charts import ticks
from visuals.theme import SMALL

CHAIN = {"99 % each": [(1, 99.0), (2, 98.0), (4, 96.1)], "99.9 % each": [(1, 99.9), (4, 99.6)]}


def chain(**settings):
    return line_chart(CHAIN, x="services", y="availability, %", title="Chains", **settings)


def test_bars_are_as_long_as_their_numbers(see):
    seen = see(bar_chart({"HTTP": 30, "queue": 10, "none": 0}, y="lost", title="Lost orders"))
    lengths = [float(bar.get("width")) for bar in seen.of("v-call-fill")]
    assert lengths[0] == pytest.approx(3 * lengths[1], rel=0.01)
    assert {"HTTP", "30", "queue", "10", "none", "0"} <= set(seen.texts)


def test_bars_in_groups_keep_one_colour_for_one_name(see):
    groups = {"outage": {"HTTP": 30, "queue": 0}, "burst": {"HTTP": 12, "queue": 0}}
    seen = see(bar_chart(groups, y="lost", title="Bad days"))
    assert len(seen.of("v-call-fill")) == len(seen.of("v-hidden-fill")) == 2
    assert {"outage", "burst"} <= set(seen.texts)


def test_bars_fit_a_phone():
    assert (
        bar_chart({"a name that is much longer than a phone is wide " * 2: 1}, "y", "t").width
        <= 343
    )


def test_lines_pass_through_their_points(see):
    seen = see(chain(width=343))
    marks = [(float(e.get("cx")), float(e.get("cy"))) for e in seen.of("v-call-fill")]
    assert len(marks) == 3
    (x1, y1), (x2, y2), (x4, y4) = marks
    assert (x4 - x1) == pytest.approx(3 * (x2 - x1), abs=0.3)
    assert y1 < y2 < y4


def test_every_line_is_named_at_its_end_and_differs_by_more_than_colour(see):
    seen = see(chain(width=343))
    assert {"99 % each", "99.9 % each", "services", "availability, %"} <= set(seen.texts)
    dashed = [e for e in seen.of("v-dashed") if "v-hidden-line" in e.get("class")]
    assert len(dashed) == 1


def test_a_phone_shows_the_names_below_a_chart_that_it_cannot_show_whole(see):
    seen = see(chain())
    (legend,) = seen.of("v-phone")
    named = [text for text in legend.iter() if text.tag.endswith("text")]
    assert ["".join(text.itertext()) for text in named] == list(CHAIN)
    assert all(float(text.get("x")) + text_width(text.text, SMALL, True) < 343 for text in named)
    assert min(float(text.get("y")) for text in named) > seen.baseline("services")
    assert not see(chain(width=343)).of("v-phone")


def test_many_names_take_several_rows_on_a_phone(see):
    lines = {f"a name as long as this {n}": [(0, n), (1, 1)] for n in range(5)}
    picture = line_chart(lines, x="x", y="y", title="t", width=460)
    see(picture).no_words_overlap_or_leave()


def test_the_axis_starts_at_zero_unless_told_otherwise(see):
    assert "0" in see(chain()).texts
    assert "0" not in see(chain(from_zero=False)).texts


def test_names_of_lines_that_end_together_stay_apart(see):
    lines = {name: [(0, 0), (1, 1)] for name in "abcde"}
    seen = see(line_chart(lines, x="x", y="y", title="t"))
    heights = sorted(seen.baseline(name) for name in "abcde")
    assert min(b - a for a, b in pairwise(heights)) >= 14


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (0, 7, [0, 2, 4, 6, 8]),
        (0, 0, [0, 0.2]),
        (-3, 4, [-4, -2, 0, 2, 4]),
        (0, 0.03, [0, 0.01, 0.02, 0.03]),
    ],
)
def test_ticks_are_round_and_enclose(low, high, expected):
    assert ticks(low, high) == expected


def test_the_words_give_the_numbers():
    told = chain().sentences
    assert told[0] == "A line chart of availability, % over services."
    assert told[1] == "99 % each: from 99 at 1 to 96.1 at 4."
    peak = line_chart({"load": [(0, 1), (1, 90), (2, 3)]}, x="s", y="calls", title="Peak")
    assert "(highest 90 at 1)" in peak.alt
    assert bar_chart({"HTTP": 3}, y="lost", title="t").sentences[1] == "HTTP 3."


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="one to 5 series"):
        line_chart({}, x="x", y="y", title="t")
    with pytest.raises(ValueError, match="zero up"):
        bar_chart({"a": -1}, y="y", title="t")
