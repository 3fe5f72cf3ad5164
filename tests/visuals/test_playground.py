"""The playground says what happens, with a kernel and without."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from visuals.evenings import evening_picture, visibility_playground
from visuals.visibility import simulate


@pytest.fixture
def playground():
    return visibility_playground(timeout=30, processing=45, timeouts=(30, 60), processings=(10, 45))


def test_a_picture_has_a_bar_for_each_pizza_and_counts_those_cooked_twice(see):
    settings = {"timeout": 30, "processing": 45, "orders": 3, "kitchens": 2, "max_receives": 3}
    picture, evening = evening_picture(**settings), simulate(**settings)
    seen = see(picture)
    assert evening.duplicates > 0
    assert len(seen.of("v-again-fill")) == evening.duplicates + 1  # and the legend
    assert len(seen.of("v-call-fill")) == 3 + 1
    assert f"{len(evening.deliveries)} pizzas cooked, {evening.duplicates} too many" in picture.alt
    assert sum(t.startswith("✕ dead-letter queue") for t in seen.texts) == len(evening.dead_letters)


def test_hiding_is_as_long_as_the_timeout_beside_the_cooking(see):
    seen = see(evening_picture(timeout=30, processing=45, orders=1, kitchens=2))
    cooking = float(seen.of("v-call-fill")[0].get("width"))
    hidden = float(seen.of("v-hidden-bar")[0].get("width"))
    assert hidden / cooking == pytest.approx(30 / 45, abs=0.01)


@pytest.mark.parametrize("processing", [5, 45, 120])
@pytest.mark.parametrize("timeout", [5, 30, 120])
def test_every_setting_fits_a_phone_without_overlaps(timeout, processing, see):
    picture = evening_picture(timeout, processing, orders=6, kitchens=4, max_receives=5)
    assert picture.width <= 343
    see(picture).no_words_overlap_or_leave()


def test_without_a_kernel_there_are_buttons_for_both_times_alone(playground):
    page = ET.fromstring(re.sub(r"(<input[^>]*?)( checked)?>", r"\1/>", playground.html))
    assert [e.text for e in page.iter("legend")] == ["Visibility timeout", "Processing time"]
    assert [e.text for e in page.iter("strong")] == [
        f"Visibility timeout {t} s, processing time {p} s" for t in (30, 60) for p in (10, 45)
    ]
    assert all("3 orders, 2 kitchens" in "".join(e.itertext()) for e in page.iter("figure"))


def test_with_a_kernel_there_is_a_slider_for_everything(playground):
    *sliders, shown = playground.widget().children
    timeout, processing = sliders[:2]
    assert "5 pizzas cooked, 2 too many" in shown.value
    timeout.value = 60
    assert "none twice" in shown.value
    processing.value = 80
    assert "too many" in shown.value
    assert [slider.description for slider in sliders[2:]] == ["Orders", "Kitchens", "Most receives"]
    sliders[2].value = 6
    assert "6 orders, 2 kitchens" in shown.value
