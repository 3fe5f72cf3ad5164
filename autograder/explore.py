"""What can go wrong in a run, enumerated: crashes, refusals, orders of two workers' calls.

A disturbance is told the learner's calls of a run in which nothing went wrong, and yields the schedules
to run next, few steps first; so the first history that breaks a check is the shortest, and the same
submission always gets the same result. What leaves the cloud as another schedule does is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from autograder.schedule import Schedule, Turn
from localcloud import Call, cancel, cut, entries, kill, lose_reply, refuse, refuse_entries, stale

Calls = Sequence[Call]
_LAG_S = 5.0  # half of what the engine allows
_PAUSE_S = 25.0  # a function may take 30
_STALE_CALLS = 4  # a replica that lags does so for more than one read
_READS = re.compile(r"(Get|BatchGet|TransactGet|Describe|List|Query|Scan|Head)")


@dataclass(frozen=True)
class Disturbance:
    """Schedules for a situation: `first`, from the undisturbed run; `then`, from the run of each of those."""

    first: Callable[[Calls], Iterator[Schedule]]
    then: Callable[[Schedule, Calls], Iterator[Schedule]] | None = None


def changes(call: Call) -> bool:
    """Whether a call may leave the cloud another than it was."""
    if call.operation == "Invoke":  # a function that raises may have done something before
        return True
    return call.outcome == "ok" and not _READS.match(call.operation)


def _crashes(calls: Calls) -> Iterator[Schedule]:
    if calls:
        yield Schedule((kill("before", at=1),))
    for number, call in enumerate(calls, 1):
        if changes(call):
            yield Schedule((kill("after", at=number),))


def _crashes_again(schedule: Schedule, calls: Calls) -> Iterator[Schedule]:
    """A second crash, after the first one of `schedule`."""
    died = [number for number, call in enumerate(calls, 1) if call.outcome.startswith("killed")]
    for number, call in enumerate(calls, 1):
        if died and number > died[0] and changes(call):
            yield Schedule((*schedule.faults, kill("after", at=number)))


def _refusals(calls: Calls) -> Iterator[Schedule]:
    for number, call in enumerate(calls, 1):
        yield Schedule((refuse("throttled", at=number),))
        yield Schedule((refuse("throttled", at=number, times=None, operation=call.operation),))
        yield Schedule((cut(at=number, times=None, operation=call.operation),))
        if changes(call):
            yield Schedule((lose_reply(at=number),))
            yield Schedule((lose_reply(at=number, times=None, operation=call.operation),))


def _stale_reads(calls: Calls) -> Iterator[Schedule]:
    for number, call in enumerate(calls):
        own = [c for c in calls[: number + 1] if c.caller == call.caller]
        if call.eventual and any(_has_just_changed(c, call) for c in calls[:number]):
            faults = tuple(stale(at=len(own) + more) for more in range(_STALE_CALLS))
            second = call.caller.endswith(" B")
            yield Schedule(second=faults) if second else Schedule(faults)


def _stale_reads_too(schedule: Schedule, calls: Calls) -> Iterator[Schedule]:
    for reads in _stale_reads(calls):
        yield Schedule(reads.faults, schedule.turns, reads.second)


def _has_just_changed(earlier: Call, read: Call) -> bool:
    """Whether a call has changed a table so shortly before a read that the read may miss it."""
    return (
        earlier.service == "dynamodb"
        and changes(earlier)
        and bool(set(earlier.resource.split(", ")) & set(read.resource.split(", ")))
        and read.passed - earlier.passed < _LAG_S
    )


def _refused_entries(calls: Calls) -> Iterator[Schedule]:
    for number, call in enumerate(calls, 1):
        if call.operation in entries.OPERATIONS:
            for entry in range(1, call.entries + 1) if call.entries > 1 else ():
                yield Schedule((refuse_entries(entry, at=number),))
            yield Schedule((refuse_entries(at=number),))


def cancellations_for(*reasons: tuple[str, int | None]) -> Disturbance:
    """DynamoDB cancels each transaction, and not for a condition; each reason so many times, None: for
    the rest of the invocation."""

    def cancelled(calls: Calls) -> Iterator[Schedule]:
        for number, call in enumerate(calls, 1):
            if call.operation in ("TransactWriteItems", "ExecuteTransaction"):
                for reason, times in reasons:
                    fault = cancel(reason, at=number, times=times, operation=call.operation)
                    yield Schedule((fault,))

    return Disturbance(cancelled)


def _interleavings(calls: Calls) -> Iterator[Schedule]:
    """One worker stops before one of its calls until the other has finished."""
    yield from _interrupted(calls, ("A", "B"), ("B", "A"))


def _interleavings_of_twins(calls: Calls) -> Iterator[Schedule]:
    yield from _interrupted(calls, ("A", "B"))


def _interrupted(calls: Calls, *who: tuple[str, str]) -> Iterator[Schedule]:
    workers = {call.caller for call in calls if call.caller[-2:] in (" A", " B")}
    for worker, other in who if workers else ():
        own = [call for call in calls if call.caller.endswith(f" {worker}")]
        theirs = [call for call in calls if call.caller.endswith(f" {other}")]
        if worker == "B":
            yield Schedule(turns=(("B", None), ("A", None)))
        for done in range(1, len(own)):
            if not _indifferent(own[done - 1], (*theirs, *own)):
                yield Schedule(turns=((worker, done), (other, None), (worker, None)))


def _long_pauses(calls: Calls) -> Iterator[Schedule]:
    for schedule in _interleavings_of_twins(calls):
        yield replace(schedule, pause_s=_PAUSE_S)


def _interrupted_again(schedule: Schedule, calls: Calls) -> Iterator[Schedule]:
    """The second worker stops, too, until the first has finished."""
    if len(schedule.turns) < 3:
        return
    (worker, done), (other, _), _ = schedule.turns
    own = [call for call in calls if call.caller.endswith(f" {worker}")]
    theirs = [call for call in calls if call.caller.endswith(f" {other}")]
    for also_done in range(1, len(theirs)):
        if not _indifferent(theirs[also_done - 1], (*theirs, *own)):
            turns: tuple[Turn, ...] = (
                (worker, done), (other, also_done), (worker, None), (other, None),
            )  # fmt: skip
            yield Schedule(turns=turns)


def _indifferent(call: Call, others: Calls) -> bool:
    """Whether it makes no difference if a call comes before or after these.

    Both workers run the same code, so what either of them called stands for what the other may call in
    an order that has not been run: a worker that comes second often finds nothing left to do.
    """
    resources = set(call.resource.split(", "))
    return not any(
        call.service == other.service
        and resources & set(other.resource.split(", "))
        and not (_READS.match(call.operation) and _READS.match(other.operation))
        for other in others
    )


crashes = Disturbance(_crashes)
"""The process is killed before its first call, and after each call that changes something.

Killed before its next call, or after one that only reads, it leaves the cloud the same.
"""

crash_pairs = Disturbance(_crashes, _crashes_again)
"""`crashes`, and for each a second one, in what runs after the first."""

refusals = Disturbance(_refusals)
"""Each call throttled once; refused, and out of reach, for the rest of the invocation; done with its
reply lost, once and each time."""

stale_reads = Disturbance(_stale_reads)
"""Each eventually consistent read of DynamoDB, with those right after it, misses the latest change."""

refused_entries = Disturbance(_refused_entries)
"""Of each call with several entries one is not taken, each in turn; then none is."""

cancellations = cancellations_for(("ThrottlingError", 1), ("TransactionConflict", 1))
"""DynamoDB is busy, and cancels a transaction."""

interrupted_and_stale = Disturbance(_interleavings_of_twins, _stale_reads_too)
"""Twins of whom the first is interrupted once, and then what one of them reads is stale, too."""

long_pauses = Disturbance(_long_pauses)
"""The first of two twins stands still before one of its calls, for nearly as long as a function may
take, while the second is invoked and does all its work.

What a lease of ten seconds does not survive (Kleppmann, “How to do distributed locking”, 2016:
https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html).
"""

interleavings = Disturbance(_interleavings, _interrupted_again)
interleavings_of_twins = Disturbance(_interleavings_of_twins, _interrupted_again)
"""Two workers at once (`World.at_once`): each order of their calls in which each is interrupted once.

Orders that differ only in the places of calls that have nothing to do with each other are run once
(the idea of partial-order reduction; interruptions are bounded as in Musuvathi and Qadeer,
“Iterative context bounding for systematic testing of multithreaded programs”, PLDI 2007). Of twins,
which are given the same, it is always the first that is interrupted first: the other half is its mirror.
"""
