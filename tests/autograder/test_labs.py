"""Each lab is proved: starter, reference, variants and mutants get what they must.

`pizza dev check` proves all of it, with everything that can go wrong, for half an hour (CI has a job for
it). Here the references are, the variants are run undisturbed, and of each lab ten mutants at least are
tried, by which every criterion is lost.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import grading
from autograder.devcheck import (
    declared,
    mutants,
    mutated,
    prove_correct,
    prove_mutant,
    prove_same,
    prove_starter,
    prove_texts,
    some_mutants,
    variants,
)
from autograder.engines import Engines
from autograder.labs import Lab, lab_ids, load_lab

pytestmark = pytest.mark.slow
LABS = [load_lab(lab_id) for lab_id in lab_ids()]
VARIANTS = [(lab, path) for lab in LABS for path in variants(lab)]
FEW = [(lab, path) for lab in LABS for path in some_mutants(lab)]
MORE = [(lab, path) for lab in LABS for path in some_mutants(lab, 10) if (lab, path) not in FEW]
every_lab = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.id)


def _name(value: Lab | Path) -> str:
    return value.id if isinstance(value, Lab) else f"{value.parent.parent.name}-{value.stem}"


@pytest.fixture(scope="session")
def engines() -> Iterator[object]:
    """Return a lab's engines: one lane where tests run side by side, kept from grading to grading."""
    opened: dict[bool, Engines] = {}
    lanes = 1 if "PYTEST_XDIST_WORKER" in os.environ else None

    def of(lab: Lab) -> Engines:
        if lab.iam not in opened:
            opened[lab.iam] = Engines(lab, lanes)
        return opened[lab.iam]

    yield of
    for each in opened.values():
        each.close()


@every_lab
def test_everything_that_a_lab_consists_of_is_there(lab):
    assert [proof for proof in prove_texts(lab) if not proof.holds] == []


@every_lab
def test_there_are_many_wrong_and_several_right_solutions(lab):
    assert len(mutants(lab)) >= 10
    assert len(variants(lab)) >= 3


@every_lab
def test_a_solution_may_read_its_environment_when_it_is_imported(lab):
    """Each situation's processes are started with these, or with its own values for them."""
    promised = re.findall(r"^    ([A-Z]+(?:_[A-Z]+)+)\b", lab.starter.read_text("utf-8"), re.M)
    assert promised
    assert [name for name in promised if not lab.variables.get(name)] == []


@every_lab
def test_a_solution_may_print_what_it_likes_in_the_notebook(lab):
    cells = json.loads((lab.folder / lab.notebook).read_text(encoding="utf-8"))["cells"]
    sources = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    tags = [c["metadata"].get("tags", []) for c in cells if c["cell_type"] == "code"]
    learners = re.compile(rf"^import {lab.module_name}$|^[^#\n]*\b{lab.module_name}\.\w+\(", re.M)
    runs = [
        (source, tag)
        for source, tag in zip(sources, tags, strict=True)
        if any(not line.startswith(" ") for line in learners.findall(source))
    ]
    assert runs
    assert [source for source, tag in runs if "nbval-ignore-output" not in tag] == []


@every_lab
def test_the_untouched_starter_is_told_what_to_do_first(lab, engines):
    proof = prove_starter(lab, engines(lab))
    assert proof.holds, proof.text


@every_lab
def test_the_reference_has_100_points(lab, engines):
    proof = prove_correct(lab, lab.solution, engines(lab))
    assert proof.holds, proof.text


@pytest.mark.parametrize("lab, path", VARIANTS, ids=_name)
def test_a_correct_solution_has_all_points_whatever_its_style(lab, path, engines):
    undisturbed = [criterion.id for criterion in lab.criteria if not criterion.needs]
    proof = prove_correct(_only(lab, *undisturbed), path, engines(lab), undisturbed)
    assert proof.holds, proof.text


@pytest.mark.parametrize("lab, path", FEW, ids=_name)
def test_a_mutant_loses_exactly_what_it_declares(lab, path, engines):
    proof = prove_mutant(lab, path, engines(lab), thorough=False)
    assert proof.holds, proof.text


@pytest.mark.parametrize("lab, path", MORE, ids=_name)
def test_another_mutant_loses_what_it_declares(lab, path, engines):
    alone = [name for name in declared(path)[1] if not lab.criterion(name).needs]
    report = grading.grade(_only(lab, *alone), lambda: mutated(lab, path), engines=engines(lab))
    assert {c.id: c.status for c in report.criteria} == dict.fromkeys(alone, "failed")


@every_lab
def test_every_criterion_is_lost_by_some_mutant(lab):
    lost = {criterion for path in mutants(lab) for criterion in declared(path)[1]}
    assert lost >= {criterion.id for criterion in lab.criteria}


@every_lab
def test_a_mutant_that_loses_what_another_criterion_needs_declares_that_one_too(lab):
    for path in mutants(lab):
        lost = set(declared(path)[1])
        assert lost >= {c.id for c in lab.criteria if lost & set(c.needs)}, path.stem


def test_the_same_submission_always_gets_the_same_report(engines):
    lab = load_lab("idempotency")
    mutant = next(path for path in mutants(lab) if path.stem == "overwrites_the_balance")
    lab = _only(lab, *declared(mutant)[1])
    proof = prove_same(lab, "mutant", mutated(lab, mutant), 2, engines(lab))
    assert proof.holds, proof.text


def test_with_the_same_key_another_machine_asks_the_same(engines, monkeypatch, tmp_path):
    lab = _only(load_lab("idempotency"), "award")
    said = []
    for machine, key in (("one", "secret"), ("two", "secret"), ("three", "another")):
        monkeypatch.setenv("COURSE_GRADING_KEY", key)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / machine))
        grading._key.cache_clear()
        source = lab.solution.read_bytes() + b"\ndef handler(event, context):\n    return {}\n"
        report = grading.grade(lab, lambda source=source: source, engines=engines(lab))
        said.append(report.criteria[0].message)
    grading._key.cache_clear()
    assert said[0] == said[1] != said[2]


def test_a_submission_that_does_something_else_each_time_is_noticed(engines):
    lab = _only(load_lab("idempotency"), "award")
    proof = prove_same(lab, "dice", lab.solution.read_bytes() + DICE, 3, engines(lab))
    assert (proof.holds, proof.text) == (False, "not the same the 2. time: award")


DICE = b"""
def handler(event, context):
    raise RuntimeError(os.getpid())
"""


def _only(lab: Lab, *criteria: str) -> Lab:
    return lab.model_copy(update={"criteria": [c for c in lab.criteria if c.id in criteria]})
