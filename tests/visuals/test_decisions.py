"""A walk down the questions ends where the first yes is, with a kernel and without."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from visuals.decisions import Decision, Step

STEPS = [
    Step("Is it <one> question?", "API Gateway", "A door & more."),
    Step("Another one, which is so long that it takes several lines?", "EventBridge", "A bus."),
    Step("A third?", "SQS", "A queue."),
]


@pytest.fixture
def decision():
    return Decision("Which?", STEPS, Step("", "SNS, a queue each", "Fan-out."), "Walk.")


def test_the_drawing_has_every_question_and_answer_on_a_phones_width(decision, see):
    seen = see(decision.picture)
    assert {"API", "Gateway", "EventBridge", "SQS", "3. A third?"} <= set(seen.texts) | {
        word for text in seen.texts for word in text.split()
    }
    assert seen.texts.count("yes") == seen.texts.count("no") == 3
    assert decision.picture.width <= 343


def test_nothing_in_the_drawing_is_cut_or_overlaps(decision, see):
    seen = see(decision.picture)
    seen.no_words_overlap_or_leave()
    assert not any("…" in text for text in seen.texts)


def test_the_words_say_where_each_yes_leads(decision):
    assert "3. A third? Yes: SQS." in decision.picture.alt
    assert "No to all of them: SNS, a queue each." in decision.picture.alt


def test_without_a_kernel_each_part_waits_for_the_choices_before_it(decision):
    html = decision.html
    ET.fromstring(re.sub(r"(<input[^>]*?)>", r"\1/>", html))
    assert "<script" not in html
    needed = {
        part: re.findall(r"-(\d)-(yes|no):checked", chosen)
        for chosen, part in re.findall(r"(\S+) \.(v-(?:step|leaf)-\d) \{ display: block", html)
    }
    no = [(str(i), "no") for i in range(3)]
    assert needed == {
        "v-step-1": no[:1],
        "v-step-2": no[:2],
        "v-leaf-0": [("0", "yes")],
        "v-leaf-1": [*no[:1], ("1", "yes")],
        "v-leaf-2": [*no[:2], ("2", "yes")],
        "v-leaf-3": no,
    }


def test_with_a_kernel_the_next_question_follows_a_no_and_the_answer_a_yes(decision):
    shown, _ = decision.widget().children

    def texts():
        return [part.value for part in shown.children if isinstance(part.value, str)]

    assert len(shown.children) == 3  # a question, its buttons, and room for the answer
    first = shown.children[1]
    first.value = "No"
    second = shown.children[3]
    second.value = "Yes"
    assert "EventBridge" in texts()[-1]
    second.value = "No"
    shown.children[5].value = "No"
    assert "SNS, a queue each" in texts()[-1]
    first.value = "Yes"
    assert len(shown.children) == 3 and "API Gateway" in texts()[-1]


def test_a_published_page_gets_no_widget(decision, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert set(decision._repr_mimebundle_()) == {"text/plain", "text/html"}
    monkeypatch.setenv("JPY_SESSION_NAME", "lab.ipynb")
    assert "application/vnd.jupyter.widget-view+json" in decision._repr_mimebundle_()
