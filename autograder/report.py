"""What a grading found, as data: what every output format is made from."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Status = Literal["passed", "failed", "unknown"]
SCHEMA_VERSION = 1
# Control characters, surrogates, direction marks and the like: they can hurt a terminal, break XML
# or make a text look like another one.
_HARMFUL = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_LONGEST_SENTENCE = 2000  # characters
_FRAME = re.compile(r".+, line (\d+), in ")


def harmless(text: str) -> str:
    """Return `text` with every character that a terminal, XML or a reader could trip over as “�”."""
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) not in _HARMFUL else "�"
        for c in text.replace("\r\n", "\n")
    )


# Much of a report was written by the learner's code: nothing of it gets in without this.
Text = Annotated[str, AfterValidator(harmless)]


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SENTENCE else f"{text[:_LONGEST_SENTENCE]} …"


# It quotes what was found in the cloud, of which there may be a megabyte.
Sentence = Annotated[Text, AfterValidator(_cut)]


class _Record(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)  # for the schema


class CallRecord(_Record):
    """One AWS call of a history, as `localcloud.Call.to_json` describes it."""

    number: int
    """1, 2, 3 … within the history."""
    time: float
    """Emulated time of arrival, seconds since 1970 UTC."""
    caller: Text
    service: Text
    operation: Text
    resource: Text
    outcome: Text
    """``ok``, an AWS error code, ``killed before``, ``killed after``, ``connection cut``, ``reply lost``, or
    ``stale``: the answer to an eventually consistent read lacked the latest change."""
    summary: Text
    messages: list[Text] = []
    """Ids of the SQS messages it sent, received, deleted or changed."""


class NoteRecord(_Record):
    """Something that happened in a history and is not an AWS call."""

    after: int
    """The number of the call it came after; 0: before the first."""
    text: Sentence


class CriterionReport(_Record):
    """What came of one criterion."""

    id: str
    points: int = Field(ge=0)
    max_points: int = Field(ge=0)
    status: Status
    must: str
    """What must hold."""
    message: Sentence
    """What did not hold, in one sentence; "" when it holds."""
    history: list[Sentence] = []
    """The shortest history found that breaks it, step by step."""
    replay: int | None = None
    """The number of that history, for ``pizza check LAB --replay N``."""
    calls: list[CallRecord] = []
    """The AWS calls of that history."""
    notes: list[NoteRecord] = []
    """What else happened in it."""
    output: Text = ""
    """What the learner's code printed in that history."""
    error: list[Text] = []
    """The last error raised in that history: the learner's own lines, innermost last
    (``kitchen.py, line 12, in cook: …``), then type and message."""
    runs: int = 0
    """How many histories were run."""

    @model_validator(mode="after")
    def _only_what_passed_earns_points(self) -> CriterionReport:
        if self.points != (self.max_points if self.status == "passed" else 0):
            raise ValueError(f"{self.id} is {self.status} and has {self.points} points")
        return self

    @property
    def line(self) -> int | None:
        """The learner's innermost line that the error went through."""
        found = [match for frame in self.error[:-1] if (match := _FRAME.match(frame))]
        return int(found[-1].group(1)) if found else None


class Report(_Record):
    """The result of one grading, as ``pizza check --json`` prints it.

    Version 1. Fields may be added to it; one that is renamed, removed or given another meaning makes
    a new version.
    """

    schema_version: Literal[1] = 1
    lab: str
    title: str
    file: Text = ""
    """The file that was graded, as it was named."""
    score: int = Field(ge=0)
    max_score: int = Field(ge=0)
    verdict: Status
    """``unknown``: the grading itself failed, which says nothing about the code."""
    first: str = ""
    """What to do first, while nothing works yet."""
    message: Sentence = ""
    """Why the whole submission could not be run or decided, when that is so."""
    criteria: list[CriterionReport]
    engine: str
    containment: str
    """What kept the learner's code in, in a sentence."""
    runs: int
    seconds: float

    @property
    def exit_code(self) -> int:
        return {"passed": 0, "failed": 1, "unknown": 2}[self.verdict]

    @property
    def line(self) -> int | None:
        """The learner's line that keeps the whole file from being run."""
        found = re.search(r"\(\S+, line (\d+)", self.message)
        return int(found.group(1)) if found else None


def json_schema() -> dict[str, Any]:
    """The JSON Schema of `Report`: published as autograder/schema/report-v1.json."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Report.model_json_schema(mode="serialization"),
        "title": "Report of pizza check, version 1",
    }
