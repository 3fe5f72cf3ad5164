"""The chain playground says what multiplication says, with a kernel and without."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from visuals.availability import chain_availability, chain_picture, chain_playground
from visuals.knobs import Knob, Playground


@pytest.fixture
def playground():
    return chain_playground(services=2, percent=99.0, lengths=(1, 2), percents=(99.0, 99.9))


def test_availability_multiplies_along_the_chain():
    assert chain_availability(3, 99) == pytest.approx([99, 98.01, 97.0299])
    assert chain_availability(1, 100) == [100]


@pytest.mark.parametrize(("services", "percent"), [(0, 99), (2, 101), (2, -1)])
def test_what_is_no_chain_is_refused(services, percent):
    with pytest.raises(ValueError, match="at least one service"):
        chain_availability(services, percent)


def test_a_bar_is_as_long_as_the_time_without_an_answer(see):
    seen = see(chain_picture(2, 99))
    first = float(seen.of("v-call-fill")[0].get("width"))
    last = float(seen.of("v-fail-fill")[0].get("width"))
    assert last / first == pytest.approx(1.99, abs=0.01)


def test_the_words_give_the_numbers():
    told = chain_picture(5, 99).alt
    assert "95.1 % of the time" in told
    assert "silent for 7.2 h in a month, the chain for 35.3 h" in told
    assert "After service 3: 97.03 %" in told


@pytest.mark.parametrize("percent", [95, 99, 99.9, 99.99, 100])
@pytest.mark.parametrize("services", [1, 5, 12])
def test_every_setting_fits_a_phone_without_overlaps(services, percent, see):
    picture = chain_picture(services, percent)
    assert picture.width <= 343
    see(picture).no_words_overlap_or_leave()


def test_without_a_kernel_every_pair_of_settings_is_drawn_and_none_needs_a_script(playground):
    page = ET.fromstring(re.sub(r"(<input[^>]*?)( checked)?>", r"\1/>", playground.html))
    assert [e.text for e in page.iter("strong")] == [
        "1 service, 99 % each",
        "1 service, 99.9 % each",
        "2 services, 99 % each",
        "2 services, 99.9 % each",
    ]
    assert len(list(page.iter("input"))) == 4
    assert "<script" not in playground.html
    assert playground.html.count(" checked>") == 2


def test_each_pair_of_buttons_shows_its_picture_and_the_opening_one_is_shown_first(playground):
    rules = re.findall(
        r"services-(\d):checked\):has\(\S*percent-(\d):checked\) .v-setting.v-(\d)-(\d)",
        playground.html,
    )
    assert sorted(rules) == [(s, p, s, p) for s in "01" for p in "01"]
    (opening,) = re.findall(r'<div class="v-setting (\S+) v-opening">', playground.html)
    assert opening == "v-1-0"


def test_a_published_page_gets_no_widget(playground, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert set(playground._repr_mimebundle_()) == {"text/plain", "text/html"}


def test_a_reader_with_a_kernel_gets_sliders_that_redraw(playground, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "lab.ipynb")
    assert "application/vnd.jupyter.widget-view+json" in playground._repr_mimebundle_()
    services, percent, shown = playground.widget().children
    assert "98.01 % of the time" in shown.value
    services.value = 12
    assert "88.64 % of the time" in shown.value
    percent.value = 99.9
    assert "98.81 % of the time" in shown.value


def test_a_knob_must_open_at_one_of_its_values():
    with pytest.raises(ValueError, match="add it to its values"):
        Playground("t", chain_picture, Knob("services", "Services", (1, 2), 3))
