"""A notebook counts when each of its cells was run and printed what it should."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from autograder.notebook import judged

CODE = ["import kitchen", "kitchen.handler({}, None)\nprint(1)"]
RUN = "<testcase/>"


def result(*cases: str) -> tuple[str, str] | None:
    return judged(ElementTree.fromstring(f"<testsuite>{''.join(cases)}</testsuite>"), CODE)


def test_all_cells_run_and_nothing_else_is_right() -> None:
    assert result(RUN, "<testcase><system-out>hello</system-out></testcase>") is None


def test_a_cell_that_prints_something_else_is_named_by_how_it_begins() -> None:
    what, _ = result(RUN, "<testcase><failure>mismatch</failure></testcase>") or ("", "")
    assert "begins “kitchen.handler({}, None)” did not print" in what


def test_a_cell_that_raised_says_what_and_keeps_the_end_of_a_long_traceback() -> None:
    lines = [f"  line {number}" for number in range(100)]
    failure = "\n".join(["Traceback:", *lines, "KeyError: 'pizza'"])
    what, shown = result(RUN, f"<testcase><failure>{failure}</failure></testcase>") or ("", "")
    assert what.endswith("ended with KeyError: 'pizza'")
    assert shown.startswith("Traceback:") and shown.endswith("KeyError: 'pizza'")
    assert len(shown.splitlines()) == 25


@pytest.mark.parametrize(
    "cases",
    [
        (RUN,),
        (RUN, RUN, RUN),
        (RUN, "<testcase><skipped/></testcase>"),
        (RUN, '<testcase><error message="failed on setup with no kernel"/></testcase>'),
        (RUN, "<testcase><something/></testcase>"),
    ],
)
def test_a_cell_that_was_not_run_is_missed(cases: tuple[str, ...]) -> None:
    assert "could be run" in (result(*cases) or [""])[0]


def test_a_kernel_that_does_not_end_in_order_takes_nothing_away() -> None:
    ended = '<testcase><error message="failed on teardown with OSError"/></testcase>'
    assert result(RUN, ended) is None
