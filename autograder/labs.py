"""The labs: what each asks for, what it is worth, and where its files are."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

COURSE = Path(__file__).resolve().parent.parent
MAX_SCORE = 100


class BadInput(Exception):
    """Something the user gave cannot be used; the text says what to do. Exit code 2."""


class Criterion(BaseModel):
    """One thing that must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    points: int
    must: str
    hints: list[str]
    needs: list[str] = []
    """For the notebook, which comes last: the criteria without which it does not count."""


class Lab(BaseModel):
    """A lab as its lab.yaml describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    module: str
    notebook: str
    chapter: str = ""
    """The page that teaches it, where there is one."""
    minutes: int
    functions: list[str]
    variables: dict[str, str]
    """Environment variables of the functions."""
    called: str = ""
    """What its code is called in histories, if not by its module's name."""
    iam: bool = False
    """Whether its checks say what the functions may do: the engine then enforces IAM policies."""
    first: str
    criteria: list[Criterion]

    @model_validator(mode="after")
    def _adds_up(self) -> Lab:
        total = sum(criterion.points for criterion in self.criteria)
        if total != MAX_SCORE:
            raise ValueError(f"the points of lab {self.id} sum to {total}, not {MAX_SCORE}")
        if any(criterion.needs for criterion in self.criteria[:-1]):
            raise ValueError(
                f"in lab {self.id} only the last criterion, the notebook, may have needs"
            )
        return self

    @property
    def folder(self) -> Path:
        """Where the learner works."""
        return COURSE / "labs" / self.id

    @property
    def starter(self) -> Path:
        return self.folder / self.module

    @property
    def given(self) -> list[Path]:
        """Modules that stand beside the learner's own and are not to be changed."""
        return [path for path in sorted(self.folder.glob("*.py")) if path != self.starter]

    @property
    def solution(self) -> Path:
        return COURSE / "solutions" / self.id / self.module

    @property
    def module_name(self) -> str:
        return Path(self.module).stem

    def criterion(self, criterion_id: str) -> Criterion:
        """Return the criterion of that id; raises BadInput naming the nearest one."""
        found = {criterion.id: criterion for criterion in self.criteria}
        if criterion_id not in found:
            raise BadInput(
                f"Lab {self.id} has no criterion “{criterion_id}”"
                + nearest(criterion_id, found)
                + f" It has: {', '.join(found)}."
            )
        return found[criterion_id]


def lab_ids() -> list[str]:
    """Names of the labs there are."""
    return sorted(path.parent.name for path in (COURSE / "labs").glob("*/lab.yaml"))


@cache
def load_lab(lab_id: str) -> Lab:
    """Read a lab; raises BadInput naming the nearest one when there is none of that name."""
    if lab_id not in lab_ids():
        raise BadInput(
            f"There is no lab “{lab_id}”"
            + nearest(lab_id, lab_ids())
            + f" The labs are: {', '.join(lab_ids())}."
        )
    text = (COURSE / "labs" / lab_id / "lab.yaml").read_text(encoding="utf-8")
    return Lab.model_validate(yaml.safe_load(text))


def nearest(word: str, among: object) -> str:
    """Return “: did you mean X?” or “.”, to end a sentence with."""
    close = difflib.get_close_matches(word, list(among), n=1, cutoff=0.5)  # type: ignore[call-overload]
    return f": did you mean “{close[0]}”?" if close else "."
