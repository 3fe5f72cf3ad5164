"""What is told of a failure where text is all there is: everything that shows it, and what to run next."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from autograder.formats import FORMATS
from autograder.formats.words import told
from autograder.labs import load_lab
from autograder.report import CriterionReport, Report
from tests.autograder.conftest import lost_order_report

LAB = load_lab("dlq")


def with_changes(**changes: object) -> tuple[Report, CriterionReport]:
    """The recorded report with another criterion `crash`, and that."""
    data = lost_order_report().model_dump()
    (crash,) = (criterion for criterion in data["criteria"] if criterion["id"] == "crash")
    crash |= changes
    report = Report.model_validate(data)
    return report, report.criteria[data["criteria"].index(crash)]


CRASH = {
    "message": "Order 17 is lost.",
    "history": ["SQS delivers order 17.", "The kitchen is killed."],
    "error": ["kitchen.py, line 63, in cook: put(item)", "ValueError: no"],
    "output": "cooking\norder 17\n",
    "replay": 4,
}
PARTS = [
    "But: Order 17 is lost.",
    "The shortest history that breaks it:\n  1. SQS delivers order 17.\n  2. The kitchen is killed.",
    "The error in that run:\n  kitchen.py, line 63, in cook: put(item)\n  ValueError: no",
    "What your code printed in that run:\n  cooking\n  order 17",
    "Run just this history: pizza check dlq --replay 4",
    "A hint: pizza hint dlq crash",
]


def test_a_failure_is_told_from_what_must_hold_to_what_to_run_next() -> None:
    report, crash = with_changes(**CRASH)
    assert told(report, crash).split("\n\n") == [f"Must hold: {crash.must}", *PARTS]


def test_gradescope_and_junit_tell_all_of_it() -> None:
    report, crash = with_changes(**CRASH)
    tests = json.loads(FORMATS["gradescope"].render(report, LAB))["tests"]
    (output,) = (test["output"] for test in tests if test["name"] == "crash")
    assert output == told(report, crash)
    root = ElementTree.fromstring(FORMATS["junit"].render(report, LAB).encode())
    (failure,) = root.findall(".//testcase[@name='crash']/failure")
    assert failure.get("message") == "Order 17 is lost."
    assert failure.text == f"0 of {crash.max_points} points\n\n{told(report, crash)}"


def test_the_summary_tells_all_of_it_too() -> None:
    report, _ = with_changes(**CRASH)
    summary = html.unescape(re.sub(r"<[^>]*>", "", FORMATS["markdown"].render(report, LAB)))
    for part in PARTS:
        for line in part.removeprefix("But: ").replace("your code", "the code").splitlines():
            assert line.strip() in summary


def test_only_what_there_is_is_told() -> None:
    nothing = {"history": [], "error": [], "output": " \n", "replay": None}
    report, crash = with_changes(**{**CRASH, **nothing})
    assert told(report, crash).split("\n\n") == [f"Must hold: {crash.must}", PARTS[0], PARTS[-1]]
    summary = FORMATS["markdown"].render(report, LAB)
    (details,) = re.findall(r"<code>crash</code> Order.*?</details>", summary, re.DOTALL)
    assert "in that run" not in details and "history" not in details and "<pre>" not in details


def test_what_was_left_out_of_a_passed_criterion_is_a_note() -> None:
    points = LAB.criterion("crash").points
    report, crash = with_changes(status="passed", points=points, message="Not checked here.")
    assert "Note: Not checked here." in told(report, crash).split("\n\n")
    assert "pizza hint" not in told(report, crash)


def test_of_a_file_that_cannot_be_run_no_history_is_offered() -> None:
    report, crash = with_changes(**{**CRASH, "message": "It cannot be imported."})
    report = report.model_copy(update={"message": "It cannot be imported."})
    assert "But:" not in told(report, crash) and "pizza" not in told(report, crash)


@pytest.mark.parametrize("name", ["gradescope", "junit", "markdown"])
def test_of_a_long_output_the_end_is_told(name: str) -> None:
    lines = [f"order {number}" for number in range(1000)]
    report, _ = with_changes(**{**CRASH, "output": "\n".join(lines)})
    text = FORMATS[name].render(report, LAB)
    if name == "junit":  # which has the whole output in a place of its own
        (failure,) = ElementTree.fromstring(text.encode()).findall(".//*[@name='crash']/failure")
        text = failure.text or ""
    assert "the beginning is left out" in text
    assert "order 999" in text and "order 700" in text and "order 500" not in text
