"""What a list of recorded calls tells: who spoke with what, what was hidden, what came twice.

Nothing here draws. A *row* is one line of the story: a call, or a run of the same call.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

Call = Any  # a localcloud.Call, or anything with its fields

DEATHS = ("killed before", "killed after")
_HAD_EFFECT = ("ok", "killed after", "reply lost")
_READS = ("Receive", "Get", "BatchGet", "Query", "Scan", "List", "Describe", "Head")
_SETUP = (
    *("Create", "Describe", "List", "Tag", "Untag", "GetQueue", "SetQueue", "Update", "Subscribe"),
    *("SetSubscription", "SetTopic", "PutRule", "PutTargets", "PutBucket", "PutRolePolicy"),
    *("AttachRole", "AddPermission", "GetCallerIdentity", "GetShardIterator", "HeadBucket"),
    *("DeleteQueue", "DeleteTable", "DeleteBucket", "DeleteTopic", "PublishVersion"),
)
_BUSINESS = ("CreateSchedule", "UpdateSchedule", "UpdateItem", "UpdateShardCount", "ListObjects")
_KINDS = {
    "sqs": "queue",
    "dynamodb": "table",
    "dynamodbstreams": "stream",
    "sns": "topic",
    "events": "event bus",
    "s3": "bucket",
    "lambda": "function",
    "stepfunctions": "state machine",
    "kinesis": "stream",
    "apigateway": "API",
    "apigatewayv2": "API",
}


@dataclass(frozen=True)
class Lane:
    """A column: a caller, or a resource of the cloud."""

    name: str
    kind: str  # one of shapes.KINDS, or the name of an AWS service
    caller: bool = False


@dataclass(frozen=True)
class Row:
    """One call, or a run of calls of the same caller, operation, resource and outcome."""

    calls: tuple[Call, ...]
    numbers: tuple[int, ...]
    caller: Lane
    resources: tuple[Lane, ...]
    delivery: int = 1  # which delivery of its message a receive is; the highest of several
    useless: bool = False  # a delete after which its message was delivered again all the same
    marked: bool = False
    moved_from: Lane | None = None  # no call: SQS moved messages from there to the resource
    moved: tuple[str, ...] = ()  # their ids
    folded: int = 0  # rows with the same number here were told in turns, as one stretch

    @property
    def first(self) -> Call:
        return self.calls[0]

    @property
    def reads(self) -> bool:
        """Whether what matters travels from the resource to the caller."""
        return self.first.operation.startswith(_READS)

    @property
    def empty(self) -> bool:
        """Whether it is a receive that found nothing."""
        receive = self.first.operation == "ReceiveMessage" and self.first.outcome == "ok"
        return receive and not any(call.messages for call in self.calls)

    @property
    def what(self) -> str:
        """What the calls were about: ``order 17``, or ``order 1 … order 200``."""
        told = list(dict.fromkeys(call.summary for call in self.calls if call.summary))
        if len(told) < 2:
            return "".join(told)
        first, last = _things(told[0])[0], _things(told[-1])[-1]
        return f"{first} … {last}" if first != last else first

    @property
    def _same(self) -> tuple:
        call = self.first
        kind = (call.operation, call.outcome, self.empty, min(self.delivery, 2), self.useless)
        return (self.caller, self.resources, self.moved_from, *kind)


@dataclass(frozen=True)
class Gone:
    """How it ended that one message was hidden."""

    name: str
    end: int  # the row; len(rows) where nothing more was seen of it
    ended: str  # deleted, again (received), moved, visible (timed out before that row) or
    # meanwhile (during it), "" if it was not seen


@dataclass
class Hidden:
    """Messages hidden from other consumers, from the row of their receive, each to its own end."""

    queue: Lane
    start: int
    gone: list[Gone]

    @property
    def last(self) -> Gone:
        return sorted(self.gone, key=lambda gone: gone.end)[-1]


@dataclass
class History:
    lanes: list[Lane]
    rows: list[Row]
    hidden: list[Hidden]
    left_out: int  # calls that only set things up
    start: datetime | None

    def seconds(self, call: Call) -> int:
        """Whole emulated seconds from the first call shown to this one."""
        return int((call.time - self.start) / timedelta(seconds=1)) if self.start else 0


def tell(
    calls: Iterable[Call],
    lanes: Sequence[str] | None,
    highlight: Iterable[int | str],
    with_setup: bool,
    visibility_timeout: int | None,
    most_rows: int,
    names: Iterable[str] = (),
) -> History:
    """Turn recorded calls into rows, lanes and hidden spans; see ``timeline`` for the arguments."""
    recorded = list(calls)
    shown = [c for c in recorded if with_setup or not _is_setup(c)]
    of_message = _message_names(shown)
    if given := dict(zip(_ids(shown), names, strict=False)):
        of_message |= given
        shown = [_renamed(call, of_message) for call in shown]
    rows = _fold(_join_runs(_with_moves(_rows(shown, set(highlight)))), most_rows)
    start = shown[0].time if shown else None
    order = _order(rows, lanes or ())
    hidden = _hidden(rows, of_message, visibility_timeout)
    return History(order, rows, hidden, len(recorded) - len(shown), start)


def _is_setup(call: Call) -> bool:
    quiet = call.outcome == "ok" and not call.operation.startswith(_BUSINESS)
    return quiet and call.operation.startswith(_SETUP)


def _rows(calls: list[Call], highlight: set[int | str]) -> list[Row]:
    callers = {call.caller for call in calls}
    seen: dict[tuple[str, str], int] = {}
    rows = []
    for n, call in enumerate(calls, 1):
        delivery = 1
        if call.operation == "ReceiveMessage" and call.outcome in _HAD_EFFECT:
            for message in call.messages:
                key = (call.resource, message)
                seen[key] = seen.get(key, 0) + 1
                delivery = max(delivery, seen[key])
        words = {call.caller, call.resource, call.operation, call.outcome, *_things(call.summary)}
        rows.append(
            Row(
                (call,),
                (n,),
                Lane(call.caller, "service", caller=True),
                _resources(call, callers),
                delivery=delivery,
                useless=_was_useless(call, calls[n:]),
                marked=n in highlight or bool(words & highlight),
            )
        )
    return rows


def _resources(call: Call, callers: set[str]) -> tuple[Lane, ...]:
    names = call.resource.split(", ") if call.resource else [call.service]
    kind = _KINDS.get(call.service, call.service)
    if kind == "function":  # a function that goes on to call others is one and the same lane
        return tuple(Lane(n, "service", True) if n in callers else Lane(n, kind) for n in names)
    if kind == "queue":
        return tuple(Lane(n, dead_letter_kind(n)) for n in names)
    return tuple(Lane(n, kind) for n in names)


def dead_letter_kind(queue: str) -> str:
    """Tell a dead-letter queue by its name, as the course and most teams name them."""
    return "dead-letter queue" if "dlq" in queue.lower() or "dead" in queue.lower() else "queue"


def _was_useless(call: Call, later: list[Call]) -> bool:
    """A delete with an outdated receipt handle succeeds and deletes nothing."""
    if not (_is_delete(call) and call.messages):
        return False
    received = {
        message
        for other in later
        if other.operation == "ReceiveMessage" and other.resource == call.resource
        for message in other.messages
    }
    return received.issuperset(call.messages)


def _is_delete(call: Call) -> bool:
    return call.operation.startswith("DeleteMessage") and call.outcome in _HAD_EFFECT


def _things(summary: str) -> list[str]:
    """Take a summary apart: ``order 1, order 2`` or ``order 1 … order 10 (10)``."""
    return re.split(r", | … ", re.sub(r" \(\d+\)$", "", summary))


def _message_names(calls: list[Call]) -> dict[str, str]:
    """Name each message id as the summaries do; where they don't, ``message 1``, ``message 2`` …"""
    names: dict[str, str] = {}
    for call in calls:
        things = _things(call.summary)
        if len(things) == len(call.messages):
            for message, name in zip(call.messages, things, strict=True):
                names.setdefault(message, name)
    for message in _ids(calls):
        names.setdefault(message, f"message {len(names) + 1}")
    return names


def _ids(calls: list[Call]) -> list[str]:
    """Return the ids of messages in the order in which they first appear."""
    return list(dict.fromkeys(message for call in calls for message in call.messages))


def _renamed(call: Call, names: dict[str, str]) -> Call:
    """Let a call about messages say their names, as short as ``_things`` can take apart."""
    told = [names[message] for message in call.messages]
    if len(told) > 4:
        told = [f"{told[0]} … {told[-1]} ({len(told)})"]
    return replace(call, summary=", ".join(told)) if told else call


def _with_moves(rows: list[Row]) -> list[Row]:
    """Add a row where a message turns up in another queue than it was in: SQS moved it."""
    where: dict[str, Lane] = {}
    told: list[Row] = []
    for row in rows:
        call = row.first
        queue = row.resources[0]
        moved: dict[Lane, list[str]] = {}
        for message in call.messages if call.service == "sqs" else ():
            if call.operation == "ReceiveMessage" and where.get(message, queue) != queue:
                moved.setdefault(where[message], []).append(message)
            where[message] = queue
        for source, ids in moved.items():
            told.append(replace(row, numbers=(), moved_from=source, moved=tuple(ids)))
        told.append(row)
    return told


def _join_runs(rows: list[Row]) -> list[Row]:
    """Join four or more of the same call in a row, and any two receives that found nothing."""
    joined: list[Row] = []

    def key(item: tuple[int, Row]) -> object:
        i, row = item
        return i if row.marked or row.moved_from or _died(row) else row._same

    for _, group in groupby(enumerate(rows), key):
        run = [row for _, row in group]
        joined += [_join(run)] if len(run) >= 4 or (run[0].empty and len(run) > 1) else run
    return joined


def _join(run: list[Row]) -> Row:
    return replace(
        run[0],
        calls=tuple(call for row in run for call in row.calls),
        numbers=tuple(n for row in run for n in row.numbers),
        moved=tuple(message for row in run for message in row.moved),
        delivery=max(row.delivery for row in run),
    )


def _died(row: Row) -> bool:
    return row.first.outcome in DEATHS


def _fold(rows: list[Row], most: int) -> list[Row]:
    """Where there are too many rows, tell each busy stretch by what was done in it, in turns."""
    if len(rows) <= most:
        return rows
    often = Counter(row._same for row in rows)

    def is_routine(row: Row) -> bool:
        return often[row._same] > 2 and not (row.marked or _died(row))

    folded: list[Row] = []
    for routine, group in groupby(rows, is_routine):
        stretch = list(group)
        kinds: dict[tuple, list[Row]] = {}
        for row in stretch:
            kinds.setdefault(row._same, []).append(row)
        if routine and 3 * len(kinds) <= len(stretch):
            mark = min(n for row in stretch for n in row.numbers)
            folded += [replace(_join(same), folded=mark) for same in kinds.values()]
        else:
            folded += stretch
    return folded


def _order(rows: list[Row], wanted: Sequence[str]) -> list[Lane]:
    """Put the lanes in the order asked for, the others as they first appear."""
    found = list(
        dict.fromkeys(
            lane
            for row in rows
            for lane in (row.moved_from, *_left_to_right(row))
            if lane is not None
        )
    )
    first = []
    for name in wanted:
        lane = next((lane for lane in found if lane.name == name and lane not in first), None)
        first += [lane] if lane else []
    return first + [lane for lane in found if lane not in first]


def _left_to_right(row: Row) -> list[Lane]:
    """What flows out of a resource into its reader reads from left to right."""
    lanes = [row.caller, *row.resources]
    return lanes[1:] + lanes[:1] if row.first.operation == "ReceiveMessage" else lanes


def _hidden(rows: list[Row], names: dict[str, str], visibility_timeout: int | None) -> list[Hidden]:
    """Find for each receive until when its messages stayed hidden from others."""
    open_: dict[tuple[Lane, str], int] = {}
    spans: dict[int, Hidden] = {}

    def close(queue: Lane, message: str, end: int, ended: str) -> None:
        start = open_.pop((queue, message), None)
        if start is None:
            return
        if visibility_timeout is not None:
            end, ended = _timed_out(rows, message, start, end, ended, visibility_timeout)
        folded = rows[start].folded
        if start == end or (folded and end < len(rows) and rows[end].folded == folded):
            return
        span = spans.setdefault(start, Hidden(queue, start, []))
        span.gone.append(Gone(names[message], end, ended))

    for i, row in enumerate(rows):
        queue = row.resources[0]
        if row.moved_from:
            for message in row.moved:
                close(row.moved_from, message, i, "moved")
            continue
        for call in row.calls:
            for message in call.messages:
                if call.operation == "ReceiveMessage" and call.outcome in _HAD_EFFECT:
                    close(queue, message, i, "again")
                    open_[(queue, message)] = i
                elif _is_delete(call) and not row.useless:
                    close(queue, message, i, "deleted")
    for queue, message in list(open_):
        close(queue, message, len(rows), "")
    return [spans[start] for start in sorted(spans)]


def _timed_out(
    rows: list[Row], message: str, start: int, end: int, ended: str, timeout: int
) -> tuple[int, str]:
    """Cut a span at the visibility timeout, unless some call changed it for this message."""
    later = rows[start + 1 : end + 1]
    calls = [call for row in later for call in row.calls if message in call.messages]
    if any(call.operation.startswith("ChangeMessageVisibility") for call in calls):
        return end, ended
    until = rows[start].calls[-1].time + timedelta(seconds=timeout + 1)
    for i, row in enumerate(later, start + 1):
        if row.calls[-1].time >= until and not row.moved_from:
            return i, "visible" if row.first.time >= until else "meanwhile"
    return end, ended
