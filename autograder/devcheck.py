"""Proves the labs: who must pass does, who must not does not, and each wrong one for the right reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.engines import Engines
from autograder.grading import grade, grade_file
from autograder.labs import COURSE, Lab
from autograder.report import Report
from autograder.starters import starter

STARTER_MAX = 19
FEWEST_MUTANTS = 10
FEWEST_VARIANTS = 3
_PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Proof:
    """One thing that must hold of a lab, and whether it does."""

    what: str
    holds: bool
    text: str


def mutants(lab: Lab) -> list[Path]:
    """Plausible wrong solutions, each the reference with one named bug: its definitions replace
    the reference's."""
    return sorted((_PACKAGE / "mutants" / lab.id).glob("*.py"))


def variants(lab: Lab) -> list[Path]:
    """Correct solutions in other styles."""
    return sorted((_PACKAGE / "variants" / lab.id).glob("*.py"))


def declared(mutant: Path) -> tuple[str, list[str]]:
    """Return (what is wrong and why someone would write it, criteria it must lose) of a mutant.

    Its docstring ends with a line ``Loses: crash, notebook``. Raises ValueError when it does not.
    """
    text = ast.get_docstring(ast.parse(mutant.read_text(encoding="utf-8"))) or ""
    found = re.search(r"^Loses: (.+)$", text, re.MULTILINE)
    if not found or found.start() == 0:
        raise ValueError(f"{mutant.name} must open with what is wrong and end with “Loses: …”")
    return text[: found.start()].strip(), [name.strip() for name in found.group(1).split(",")]


def some_mutants(lab: Lab, many: int = 0) -> list[Path]:
    """The few mutants that lose every criterion between them, and others until there are so many."""
    lost = {path: set(declared(path)[1]) for path in mutants(lab)}
    missing, chosen = {criterion.id for criterion in lab.criteria}, []
    while missing:
        best = max(lost, key=lambda path: (len(lost[path] & missing), -len(lost[path])))
        if not lost[best] & missing:
            break
        chosen.append(best)
        missing -= lost[best]
    # Those that lose least are nearly right, and quickly graded.
    others = sorted((path for path in lost if path not in chosen), key=lambda path: len(lost[path]))
    return chosen + others[: max(many - len(chosen), 0)]


def mutated(lab: Lab, mutant: Path) -> bytes:
    """Return the reference with a mutant's definitions in place of its own."""
    return lab.solution.read_bytes() + b"\n\n" + mutant.read_bytes()


def prove(lab: Lab, times: int = 1) -> Iterator[Proof]:
    """Yield each proof as soon as it is had; `times` above 1: every solution is graded as often."""
    yield from prove_texts(lab)
    with Engines(lab) as engines:
        yield prove_starter(lab, engines)
        for path in [lab.solution, *variants(lab)]:
            yield prove_correct(lab, path, engines)
            if times > 1:
                yield prove_same(
                    lab, str(path.relative_to(COURSE)), path.read_bytes(), times, engines
                )
        for path in mutants(lab):
            yield prove_mutant(lab, path, engines)
            if times > 1:
                yield prove_same(lab, f"mutants/{path.stem}", mutated(lab, path), times, engines)


def prove_correct(
    lab: Lab, path: Path, engines: Engines | None = None, undisturbed: Collection[str] = ()
) -> Proof:
    """Whether a correct solution has all points; the criteria `undisturbed` with nothing going wrong."""
    report = grade_file(lab, path, engines=engines, undisturbed=undisturbed)
    lost = [f"{c.id} ({c.message})" for c in report.criteria if c.status != "passed"]
    return Proof(
        str(path.relative_to(COURSE)),
        report.score == report.max_score and report.verdict == "passed",
        f"{report.score} points" + (f", lost {', '.join(lost)}" if lost else ""),
    )


def prove_mutant(
    lab: Lab, path: Path, engines: Engines | None = None, thorough: bool = True
) -> Proof:
    """Whether a mutant loses exactly what it declares.

    Not `thorough`: what it does not declare is run with nothing going wrong, and without the notebook.
    """
    _, expected = declared(path)
    others: list[str] = []
    if not thorough:
        others = [c.id for c in lab.criteria if c.id not in expected and not c.needs]
        criteria = [c for c in lab.criteria if c.id in expected or not c.needs]
        lab = lab.model_copy(update={"criteria": criteria})
    report = grade(lab, lambda: mutated(lab, path), engines=engines, undisturbed=others)
    lost = _lost(report)
    caught = report.verdict == "failed" and sorted(lost) == sorted(expected)
    text = f"loses {', '.join(lost) or 'nothing'}"
    return Proof(
        f"mutants/{path.stem}",
        caught,
        text if caught else f"{text}; declared {', '.join(expected)}",
    )


def prove_same(
    lab: Lab, what: str, source: bytes, times: int, engines: Engines | None = None
) -> Proof:
    """Whether a submission that is graded so many times always gets the same report."""
    first = _what_is_said(grade(lab, lambda: source, engines=engines))
    for number in range(2, times + 1):
        now = _what_is_said(grade(lab, lambda: source, engines=engines))
        if now != first:
            different = [name for name in first if now[name] != first[name]]
            text = f"not the same the {number}. time: {', '.join(different)}"
            return Proof(f"{what}, {times} times", False, text)
    return Proof(f"{what}, {times} times", True, "always the same report")


def _what_is_said(report: Report) -> dict[str, object]:
    """All of a report but what passes with time: seconds, the calls' times and ids, printed lines."""
    said: dict[str, object] = {
        criterion.id: criterion.model_dump(exclude={"calls", "output"})
        for criterion in report.criteria
    }
    return {**said, **report.model_dump(exclude={"criteria", "seconds"})}


def prove_starter(lab: Lab, engines: Engines | None = None) -> Proof:
    """Whether the untouched starter fails and is told what to do first."""
    original = starter(lab)
    report = grade(lab, lambda: original, engines=engines)
    holds = report.score <= STARTER_MAX and report.verdict == "failed" and report.first == lab.first
    if b"NotImplementedError" not in original:
        holds = False
    return Proof("starter", holds, f"{report.score} points, says first: {report.first[:60]}…")


def prove_texts(lab: Lab) -> Iterator[Proof]:
    """Whether everything is there that a lab consists of."""
    for criterion in lab.criteria:
        many = 1 if criterion.needs else 2
        yield Proof(
            f"{criterion.id}/hints",
            many <= len(criterion.hints) <= 3 and all(criterion.hints),
            f"{len(criterion.hints)} steps",
        )
    yield Proof("mutants", len(mutants(lab)) >= FEWEST_MUTANTS, f"{len(mutants(lab))} of them")
    yield Proof("variants", len(variants(lab)) >= FEWEST_VARIANTS, f"{len(variants(lab))} of them")
    missing = [path for path in (lab.notebook, lab.module) if not (lab.folder / path).exists()]
    yield Proof("files", not missing, f"missing {', '.join(missing)}" if missing else "all there")


def _lost(report: Report) -> list[str]:
    return [criterion.id for criterion in report.criteria if criterion.status != "passed"]
