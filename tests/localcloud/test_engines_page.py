"""The page about the engines says what the tests found, neither more nor less.

A behaviour that is recorded as lacking must fail when its test runs, and any other must pass
(`conftest.py`). With what is tested here, the page and a passing run cannot disagree.
"""

from __future__ import annotations

import re
from importlib.metadata import version

import catalogue
import engines_page
import pytest

BEHAVIOURS = catalogue.behaviours()
RECORDS = catalogue.records()


def test_page_is_made_from_the_records():
    assert engines_page.PAGE.read_text(encoding="utf-8") == engines_page.page(), (
        "run: python tests/localcloud/engines_page.py"
    )


def test_each_behaviour_has_one_test_and_each_test_a_behaviour():
    files = sorted((catalogue.HERE / "behaviours").glob("test_*.py"))
    tests = [t for f in files for t in re.findall(r"^def test_(\w+)", f.read_text(), re.M)]

    assert sorted(tests) == sorted(behaviour.id for behaviour in BEHAVIOURS)


def test_the_engines_of_the_course_are_recorded_and_the_embedded_one_in_this_version():
    assert [record.engine for record in RECORDS] == ["MiniStack", "LocalEmu", "LocalStack"]
    assert RECORDS[0].version == version("ministack")


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_a_record_tells_of_every_behaviour_and_lacks_what_the_catalogue_says(record):
    assert set(record.results) == {behaviour.id for behaviour in BEHAVIOURS}
    found = {id: note for id, (result, note) in record.results.items() if result == "lacks"}
    untested = {id for id, (result, _) in record.results.items() if result == "untested"}
    known = {b.id: b.lacks[record.name] for b in BEHAVIOURS if record.name in b.lacks}

    assert found == {id: note for id, note in known.items() if id not in untested}


def test_nothing_is_untested_on_the_embedded_engine():
    assert {result for result, _ in RECORDS[0].results.values()} == {"works", "lacks"}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name)
def test_what_is_untested_or_lacking_has_a_reason(record):
    assert all(note for result, note in record.results.values() if result != "works")


def test_sentences_end_links_lead_to_aws_and_known_engines_only_are_named():
    names = {record.name for record in RECORDS}
    for behaviour in BEHAVIOURS:
        assert behaviour.says.endswith("."), behaviour.id
        assert re.fullmatch(r"https://docs\.aws\.amazon\.com/[\w./-]+\.html", behaviour.docs)
        assert set(behaviour.lacks) <= names, behaviour.id
        assert all(note.endswith(".") for note in behaviour.lacks.values()), behaviour.id
