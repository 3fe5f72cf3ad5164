"""The bench for patterns says what its matchers say, with a kernel and without."""

from __future__ import annotations

import json
import re

import ipywidgets
import pytest

import localcloud
from visuals.patterns import PatternTester


def exactly(pattern: str, event: str) -> bool:
    wanted, found = json.loads(pattern), json.loads(event)
    return all(found.get(name) in values for name, values in wanted.items())


def always(pattern: str, event: str) -> bool:
    return True


@pytest.fixture
def tester() -> PatternTester:
    return PatternTester(
        "Who gets it",
        {"exact": exactly, "any": always},
        {"only pizza": {"kind": ["pizza"]}, "wine": {"kind": ["wine"]}},
        {"a <b>margherita</b>": {"kind": "pizza"}, "a barolo": {"kind": "wine"}},
    )


def answers(block: str) -> list[list[str]]:
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", block)
    return [
        [re.sub("<.*?>", " ", cell).split()[0] for cell in row.split("<td>")[1:]] for row in rows
    ]


def test_the_page_tells_for_each_pattern_which_events_pass(tester):
    first, second = tester.html.split('<div class="v-setting')[1:]
    assert answers(first) == [["✓", "✓"], ["–", "✓"]]
    assert answers(second) == [["–", "✓"], ["✓", "✓"]]


def test_the_page_lets_a_reader_choose_among_the_patterns_and_read_the_events(tester):
    page = tester.html
    assert len(re.findall(r'<input type="radio"', page)) == 2
    assert page.count(" checked>") == 1
    events = page.split("<summary>The events</summary>")[1]
    assert '"kind": "pizza"' in events and '"kind": "wine"' in events


def test_the_page_needs_no_script_and_takes_names_as_text(tester):
    page = tester.html
    assert "<script" not in page and "<b>margherita" not in page
    assert "a &lt;b&gt;margherita&lt;/b&gt;" in page


def test_what_it_writes_is_the_json_it_was_given_in_lines_for_a_phone():
    pattern = {"a": [{"numeric": [">=", 1000, "<", 5000]}], "long": {"b": ["x" * 30, "é", None]}}
    tester = PatternTester("Long", {"any": always}, {"long": pattern}, {"none": []})
    written = tester.patterns["long"]
    assert json.loads(written) == pattern
    assert max(map(len, written.splitlines())) < 50


def test_what_a_matcher_raises_is_its_answer(tester):
    tester.matchers = {"exact": exactly}
    assert tester.verdict("exact", "not JSON", "{}")[0] == "refused"
    assert "Expecting value" in tester.verdict("exact", "not JSON", "{}")[1]


def parts(widget: ipywidgets.Widget, kind: type) -> list:
    return [child for child in widget.children if type(child) is kind]


def test_a_live_notebook_asks_again_when_something_else_is_written(tester):
    widget = tester.widget()
    pattern, event = parts(widget, ipywidgets.Textarea)
    (answer,) = parts(widget, ipywidgets.HTML)
    assert answer.value.count("✓ passes") == 2

    event.value = '{"kind": "salad"}'
    assert answer.value.count("✓ passes") == 1

    pattern.value = "{"
    assert "✗ refused" in answer.value


def test_choosing_an_example_fills_its_box(tester):
    widget = tester.widget()
    patterns, events = parts(widget, ipywidgets.Dropdown)
    pattern, event = parts(widget, ipywidgets.Textarea)

    patterns.value = patterns.options[1][1]
    events.value = events.options[1][1]

    assert json.loads(pattern.value) == {"kind": ["wine"]}
    assert json.loads(event.value) == {"kind": "wine"}


def test_a_kernel_without_a_session_stores_no_widget(tester, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert set(tester._repr_mimebundle_()) == {"text/plain", "text/html"}
    monkeypatch.setenv("JPY_SESSION_NAME", "lab")
    assert "application/vnd.jupyter.widget-view+json" in tester._repr_mimebundle_()


def test_nothing_to_try_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        PatternTester("Nothing", {"any": always}, {}, {"an event": {}})


def test_it_takes_the_engines_own_matcher():
    with localcloud.start() as cloud:
        events = cloud.account().client("events")

        def by_eventbridge(pattern: str, event: str) -> bool:
            return events.test_event_pattern(EventPattern=pattern, Event=event)["Result"]

        envelope = {"id": "1", "account": "1", "time": "2026-11-21T19:00:00Z", "region": "x"}
        event = {**envelope, "source": "pizzeria", "resources": [], "detail-type": "sold"}
        tester = PatternTester(
            "EventBridge",
            {"rule": by_eventbridge},
            {
                "over twenty": {"detail": {"cents": [{"numeric": [">", 2000]}]}},
                "no pattern": {"detail": {"cents": 2000}},
            },
            {
                "dear": {**event, "detail": {"cents": 3000}},
                "cheap": {**event, "detail": {"cents": 900}},
            },
        )
        over_twenty, no_pattern = tester.html.split('<div class="v-setting')[1:]

    assert answers(over_twenty) == [["✓"], ["–"]]
    assert answers(no_pattern) == [["✗"], ["✗"]]
