"""What holds for every picture: it is safe, it stays the same, and everyone can read it."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import datetime, timezone

import pytest

from operations.traces import Span
from visuals import bar_chart, line_chart, service_map, timeline, waterfall
from visuals.picture import PHONE
from visuals.theme import DARK, LIGHT, style

NOW = datetime(2026, 11, 20, 18, tzinfo=timezone.utc)
AT_WORK = Span("a", "1", "", (), "cook", "kitchen", "internal", NOW, NOW)
HOSTILE = '<script>alert("1")</script> & "quotes" \x00\x1b ]]> --> \ud800'


@pytest.fixture
def pictures(too_short):
    return {
        "timeline": timeline(too_short, title="One", caption="Its caption."),
        "map": service_map({"a": "person", "b": "queue"}, [("a", "b", "sends")], title="Two"),
        "lines": line_chart({"a": [(0, 1), (1, 2)]}, x="x", y="y", title="Three"),
        "bars": bar_chart({"a": 1}, y="y", title="Four"),
        "waterfall": waterfall([AT_WORK], title="Five"),
    }


def test_it_is_a_figure_with_a_name_a_description_and_words(pictures):
    for picture in pictures.values():
        figure = ET.fromstring(picture._repr_html_())
        svg = figure.find(".//{http://www.w3.org/2000/svg}svg")
        assert figure.tag == "figure"
        assert picture.title in "".join(figure.find("figcaption").itertext())
        assert svg.get("role") == "img"
        assert svg.get("aria-label").startswith(picture.title)
        assert svg[0].text == picture.title
        assert svg[1].text == picture.alt
        words = "".join(figure.find("details").itertext())
        assert all(sentence in words for sentence in picture.sentences)


def test_a_saved_picture_is_a_file_that_stands_alone(pictures, tmp_path):
    path = pictures["timeline"].save(tmp_path / "one.svg")
    root = ET.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    text = path.read_text("utf-8")
    assert "One" in text and "Its caption." in text
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"(?:href|src|url)\s*[=(]", text)  # nothing to fetch


def test_the_same_records_give_the_same_bytes_in_any_process(pictures, too_short):
    again = timeline(too_short, title="One", caption="Its caption.")
    assert again.html == pictures["timeline"].html
    program = (
        "from visuals import service_map\n"
        "print(service_map({'a': 'person', 'b': 'queue'}, [('a', 'b', 'sends')], title='Two',"
        " highlight=['b', 'a']).html)"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_pictures_on_one_page_do_not_touch_each_other_or_the_page(pictures):
    scopes = set()
    for picture in pictures.values():
        html = picture.html
        assert not re.search(r"\sid=", html)
        (scope,) = set(re.findall(r'<figure class="(v-[0-9a-f]{10})"', html))
        scopes.add(scope)
        css = re.search(r"<style>(.*?)</style>", html, re.S).group(1)
        for selectors in re.findall(r"([^{}]+)\{[^{}]*\}", css.replace("@media", "")):
            for selector in re.sub(r"\(prefers.*?\)\s*\{", "", selectors).split(", "):
                assert scope in selector, selector
    assert len(scopes) == len(pictures)


def test_hostile_text_stays_text(log):
    log(HOSTILE, "SendMessage", HOSTILE, HOSTILE, outcome=HOSTILE, ids=["x"])
    shapes = {HOSTILE: "queue", "b": "person"}
    for picture in (
        timeline(log.calls, title=HOSTILE, caption=HOSTILE, highlight=[HOSTILE]),
        service_map(shapes, [(HOSTILE, "b", HOSTILE)], title=HOSTILE),
        line_chart({HOSTILE[:9]: [(0, 1)]}, x=HOSTILE, y=HOSTILE, title=HOSTILE),
        bar_chart({HOSTILE: 1}, y=HOSTILE, title=HOSTILE),
    ):
        assert "<script" not in picture.html + picture.svg
        picture.html.encode(), picture.svg.encode()
        ET.fromstring(picture.html), ET.fromstring(picture.svg)


def test_text_is_never_much_smaller_than_eleven_pixels(pictures):
    for picture in pictures.values():
        sizes = [float(s) for s in re.findall(r"font-size: ([\d.]+)px", picture.html)]
        assert sizes and min(sizes) >= 11
        least = re.search(
            r'<svg [^>]*width="([\d.]+)"[^>]* style="min-width: ([\d.]+)px"', picture.html
        )
        assert (least is None) == (picture.width <= PHONE)
        assert least is None or float(least[2]) / float(least[1]) * min(sizes) > 10.6
        assert "overflow-x: auto" in picture.html


def test_a_frame_has_shadows_where_its_picture_goes_on_and_none_where_it_ends(pictures):
    frame = re.search(r"\.v-scroll \{(.*?)\}", pictures["map"].html).group(1)
    assert frame.count(" scroll") == 2  # shadows, at the frame's own edges
    assert frame.count(" local") == 2  # what covers them, at the picture's
    assert "rect.v-paper { fill: none; }" in pictures["map"].html  # the picture's covers neither
    assert "rect.v-paper" not in pictures["map"].svg


def test_it_follows_the_page_before_the_system():
    css = style("v-0")
    system = css.index("prefers-color-scheme: dark")
    for page in ('html[data-theme="dark"]', 'body[data-jp-theme-light="false"]'):
        assert css.index(page) > system
    light_page = css.index('html[data-theme="light"] .v-0')
    assert LIGHT["ink"] in css[light_page : css.index("}", light_page)]


def linear(colour):
    for i in (1, 3, 5):
        c = int(colour[i : i + 2], 16) / 255
        yield c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4


def contrast(one, other):
    """WCAG 2's contrast ratio."""
    lights = sorted(
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))
        for colour in (one, other)
    )
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "tint", "band"])
def test_words_stand_out_from_every_ground(palette, ground):
    for name in ("ink", "muted", "call", "hidden", "fail", "again"):
        assert contrast(palette[name], palette[ground]) >= 4.5, name


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_stand_out_from_the_paper(palette):
    assert contrast(palette["line"], palette["paper"]) >= 3
    assert contrast(palette["hidden"], palette["paper"]) >= 3


# How the colour-blind see linear RGB: Machado, Oliveira and Fernandes 2009, severity 1.0.
EYES = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def lab(colour, eyes):
    """Return CIELAB coordinates as these eyes see the colour."""
    rgb = list(linear(colour))
    seen = [min(1, max(0, sum(a * b for a, b in zip(row, rgb, strict=True)))) for row in EYES[eyes]]
    to_xyz = (
        (0.4339, 0.3762, 0.1899),
        (0.2126, 0.7152, 0.0722),
        (0.0177, 0.1095, 0.8728),
    )
    x, y, z = (sum(a * b for a, b in zip(row, seen, strict=True)) for row in to_xyz)
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("eyes", EYES)
def test_the_signs_can_be_told_apart_by_colour_blind_readers(palette, eyes):
    signs = ("call", "hidden", "fail", "again")
    for one, other in itertools.combinations(signs, 2):
        pairs = zip(lab(palette[one], eyes), lab(palette[other], eyes), strict=True)
        assert sum((a - b) ** 2 for a, b in pairs) ** 0.5 > 12, f"{one} and {other}"
