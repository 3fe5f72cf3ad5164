"""A run told in numbered steps, in words, from the recorded calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from localcloud import Call

_SERVICES = {
    "sqs": "SQS",
    "dynamodb": "DynamoDB",
    "s3": "S3",
    "sns": "SNS",
    "events": "EventBridge",
}
_ACCOUNT = re.compile(r"\b\d{12}\b")  # in a bucket's name; each run has another
_LONGEST = 40  # steps; what is in the middle of a longer history is left out, and said
_DECISIVE = (" is killed ", "the reply is lost")


@dataclass(frozen=True)
class Note:
    """Something that happened and is not an AWS call, after call number `after`."""

    after: int
    text: str
    passed: float
    """Emulated seconds that had been let pass by then."""


def tell(calls: Sequence[Call], notes: Iterable[Note], name: str) -> list[str]:
    """Return the steps of a run; `name` is what the learner's code is called."""
    steps: list[str] = []
    moments = list(_moments(calls, sorted(notes, key=lambda note: note.after), name))
    if not moments:
        return []
    _, clock, _ = moments[0]
    for text, begun, ended in moments:
        if text:
            steps += [*_gap(begun - clock), _sentence(text)]
            clock = ended
    _, _, last = moments[-1]
    return _shortened([*steps, *_gap(last - clock)])


def _moments(
    calls: Sequence[Call], notes: Sequence[Note], name: str
) -> Iterable[tuple[str, float, float]]:
    """Yield (text, when it began, when it ended) of calls and notes; "": not worth telling.

    When: seconds that had been let pass. The time that a slow machine took is nothing to tell.

    Neighbours that are told alike are told once, unless a note comes between them.
    """
    before = 0
    for (text, _, noted), run in groupby(
        _told(calls, set(), name),
        key=lambda told: (told[0], told[2], sum(note.after < told[1].number for note in notes)),
    ):
        for note in notes[before:noted]:
            yield note.text, note.passed, note.passed
        before = noted
        group = [call for _, call, _ in run]
        many = f" ({len(group)} times)" if text and len(group) > 1 else ""
        yield text + many, group[0].passed, group[-1].passed
    for note in notes[before:]:
        yield note.text, note.passed, note.passed


def _shortened(steps: list[str]) -> list[str]:
    """The beginning, the end, and what was broken in between."""
    half = _LONGEST // 2
    if len(steps) <= 2 * half:
        return steps
    middle: list[str] = []
    for decisive, run in groupby(
        steps[half:-half], key=lambda step: any(word in step for word in _DECISIVE)
    ):
        group = list(run)
        few = decisive or len(group) == 1
        middle += group if few else [f"… {len(group)} more steps like these …"]
    return [*steps[:half], *middle, *steps[-half:]]


def _told(calls: Sequence[Call], delivered: set[str], name: str) -> Iterable[tuple[str, Call, str]]:
    """Yield (text, call, key): neighbours with the same text and key are told once."""
    for call in calls:
        if call.caller in (name, f"{name} A", f"{name} B"):
            yield _learner(call, call.caller), call, ""
        else:
            yield _service(call, delivered, name), call, str(call.number)


def _service(call: Call, delivered: set[str], name: str) -> str:
    if call.operation == "ReceiveMessage":
        if not call.messages:
            return ""
        again = " again" if set(call.messages) <= delivered else ""
        delivered.update(call.messages)
        return f"SQS delivers {call.summary} to the {name}{again}"
    if call.operation.startswith("DeleteMessage"):
        return f"Lambda deletes {call.summary} from the queue"
    if call.service == "dynamodbstreams":
        return ""  # what of it is delivered, and whether again, `autograder.streams` notes
    return f"Lambda calls {call.operation}"


def _learner(call: Call, name: str) -> str:
    about = f"{call.operation} on {call.resource}" if call.resource else call.operation
    if call.summary and call.service == "s3":
        about = f"{call.operation} on {call.summary} in {call.resource}"
    elif call.summary:
        about += f" ({call.summary})"
    about = _ACCOUNT.sub("…", about)
    service = _SERVICES.get(call.service, call.service)
    if call.operation == "Invoke":
        about = f"{call.resource}: {call.summary}" if call.summary else call.resource
        service = "Lambda" if call.outcome.endswith("Exception") else call.resource
    if call.outcome == "ok":
        return f"the {name} calls {about}"
    if call.outcome == "killed before":
        return f"the {name} is killed just before {about} takes effect"
    if call.outcome == "killed after":
        return f"the {name} is killed just after {about} took effect"
    if call.outcome.endswith(("entry taken", "not taken")):
        return f"the {name} calls {about}; {service} answers: {call.outcome}"
    if call.outcome == "connection cut":
        return f"the {name} calls {about}; the connection is cut before {service} does it"
    if call.outcome == "stale":
        return f"the {name} calls {about}; the read is eventually consistent and misses the latest change"
    if call.outcome == "reply lost":
        return f"the {name} calls {about}; {service} does it, but the reply is lost"
    return f"the {name} calls {about}; {service} answers {call.outcome}"


def _gap(length: float) -> list[str]:
    seconds = round(length)
    if seconds < 2:
        return []
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return [f"{seconds // size} {unit} pass."]
    return [f"{seconds} seconds pass."]


def _sentence(text: str) -> str:
    first = text.partition(" ")[0]
    if "_" not in first:  # else it is a name in the learner's code, which has no capital
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else text + "."
