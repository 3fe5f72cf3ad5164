"""A map shows the parts of a system and what flows between them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise

import pytest

from visuals import KINDS, service_map
from visuals.picture import PHONE

PARTS = {"orders": "queue", "orders-dlq": "dead-letter queue", "kitchen": "function"}
FLOWS = [("orders", "kitchen", "batch of 10"), ("orders", "orders-dlq", "after 3 receives")]


def test_every_part_and_every_flow_is_there(see):
    texts = see(service_map(PARTS, FLOWS)).texts
    assert {"orders", "orders-dlq", "kitchen", "batch of 10", "after 3 receives"} <= set(texts)
    assert {"queue", "dead-letter queue", "function"} <= set(texts)


def test_it_needs_no_graphviz_program():
    program = (
        "from visuals import service_map\n"
        "print(service_map({'a': 'queue', 'b': 'table'}, [('a', 'b', 'to')]).svg)"
    )
    environment = {"PATH": "", "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    assert "<svg" in run.stdout
    assert run.stderr == ""


def test_every_kind_has_a_shape_of_its_own(see):
    drawings = set()
    for kind in KINDS:
        picture = service_map({"x": kind}, [])
        outlines = [
            (e.tag, e.get("class")) for e in see(picture).root.iter() if e.tag[-4:] != "text"
        ]
        drawings.add((tuple(outlines), picture.drawing.count("A7"), picture.drawing.count("L")))
    assert len(drawings) == len(KINDS)


def test_an_arrow_runs_from_its_source_to_its_target(see):
    seen = see(service_map({"a": "service", "b": "service"}, [("a", "b")]))
    (curve,), (head,) = seen.of("v-ink-line"), seen.of("v-ink-fill")
    left, right = seen.of("v-box")
    start, tip = (float(e.get("d")[1:].split()[0]) for e in (curve, head))
    assert start == pytest.approx(float(left.get("x")) + float(left.get("width")), abs=1.5)
    assert tip == pytest.approx(float(right.get("x")), abs=1.5)


def test_two_flows_between_the_same_parts_are_two_arrows(see):
    flows = [("a", "b", "ask"), ("b", "a", "answer"), ("a", "b", "thank")]
    seen = see(service_map({"a": "service", "b": "service"}, flows))
    assert len(seen.of("v-ink-line")) == 3
    assert {"ask", "answer", "thank"} <= set(seen.texts)


def test_downwards_is_narrower():
    right = service_map(PARTS, FLOWS)
    down = service_map(PARTS, FLOWS, direction="down")
    assert down.width < right.width
    assert down.height > right.height


def test_a_phone_sees_a_wide_map_downwards():
    steps = {f"step {n}": "function" for n in range(5)}
    wide = service_map(steps, [*pairwise(steps)])

    assert wide.width > PHONE >= wide.narrow[1]
    assert wide.html.count("<svg") == 2
    assert re.findall(r'class="v-\w+ (v-wide|v-narrow)"', wide.html) == ["v-wide", "v-narrow"]
    assert wide.svg.count("<svg") == 1  # a file has one drawing


def test_a_map_that_fits_or_that_is_drawn_downwards_is_drawn_once():
    assert service_map({"a": "queue", "b": "table"}, [("a", "b")]).narrow is None
    assert service_map(PARTS, FLOWS, direction="down").narrow is None


def test_the_way_to_the_dead_letter_queue_is_dashed(see):
    (dead,) = see(service_map(PARTS, FLOWS)).of("v-fail-line")[:1]
    assert "v-dashed" in dead.get("class")


def test_highlighting_a_part_and_a_flow(see):
    picture = service_map(PARTS, FLOWS, highlight=["kitchen", ("orders", "kitchen")])
    seen = see(picture)
    assert len(seen.of("v-marked")) == 1
    assert len(seen.of("v-thick")) - len(see(service_map(PARTS, FLOWS)).of("v-thick")) == 1
    assert "Highlighted: kitchen, orders to kitchen." in picture.sentences


def test_states_are_neither_parts_nor_services(see):
    picture = service_map(
        {"PLACED": "state", "DONE": "state"}, [("PLACED", "DONE", "cooked")], "Life"
    )
    assert set(see(picture).texts) - {""} == {"Life", "PLACED", "DONE", "cooked"}
    assert picture.sentences == ("A map of 2 states and 1 step.", "From PLACED to DONE: cooked.")


def test_the_words_say_what_the_map_says():
    picture = service_map({**PARTS, "menu": "table"}, FLOWS, title="The kitchen")
    assert picture.alt.startswith("The kitchen. A map of 4 parts and 2 flows.")
    assert "From orders (queue) to kitchen (function): batch of 10." in picture.sentences
    assert "menu (table) stands alone." in picture.sentences


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (({"a": "pizza"}, []), "'a' is a 'pizza'; use one of: service"),
        (({"a": "queue"}, [("a", "b")]), "'b', which is not a part"),
    ],
)
def test_mistakes_are_named(arguments, says):
    with pytest.raises(ValueError, match=says):
        service_map(*arguments)


def test_no_words_overlap_or_leave_the_picture(see):
    kinds = {f"part number {i}": kind for i, kind in enumerate(KINDS)}
    names = list(kinds)
    flows = [(a, b, f"something from {a}") for a, b in pairwise(names)]
    flows += [(names[0], names[5], "a short cut"), (names[6], names[2], "back")]
    see(service_map(kinds, flows, direction="down")).no_words_overlap_or_leave()


def test_a_long_row_is_drawn_closer_together_to_fit_the_column_but_no_word_is_cut(see):
    kinds = {"customer": "person", "service": "function", "orders": "queue",
             "kitchen": "function", "cooked": "table"}  # fmt: skip
    flows = [
        ("customer", "service", "POST /orders"),
        ("service", "orders", "SendMessage"),
        ("orders", "kitchen", "as soon as it is ready for it"),
        ("kitchen", "cooked"),
    ]
    row = service_map(kinds, flows)
    assert row.width <= 770
    assert "SendMessage" in see(row).texts
    assert "as soon as it is ready for it" in " ".join(see(row).texts)
    see(row).no_words_overlap_or_leave()


def test_a_row_that_is_too_long_in_any_case_is_drawn_at_ease(see):
    names = ["one", "two", "three", "four", "five", "six", "seven"]
    flows = [(a, b, "order was paid and shipped today") for a, b in pairwise(names)]
    texts = see(service_map(dict.fromkeys(names, "function"), flows)).texts
    assert sum(text.startswith("order was paid and") for text in texts) == 6
