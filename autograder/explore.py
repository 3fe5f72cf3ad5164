"""Runs a check once undisturbed, then once for everything that can go wrong at each of the learner's calls.

Everything is enumerated in a fixed order, few steps first, so that the first history that breaks the
check is the shortest, and the same submission always gets the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from autograder.world import Bench, Check, Schedule, Violated, World
from localcloud import Call, kill, lose_reply, refuse

Disturbance = Callable[[list[Call]], Iterator[Schedule]]


def crashes(calls: list[Call]) -> Iterator[Schedule]:
    """Kill the process before, and after, each call."""
    for number, _ in enumerate(calls, 1):
        yield Schedule((kill("before", at=number),))
        yield Schedule((kill("after", at=number),))


def refusals(calls: list[Call]) -> Iterator[Schedule]:
    """Throttle each call once; refuse it for the rest of the invocation; do it and lose the reply."""
    for number, call in enumerate(calls, 1):
        yield Schedule((refuse("throttled", at=number),))
        yield Schedule((refuse("throttled", at=number, times=None, operation=call.operation),))
        yield Schedule((lose_reply(at=number),))


@dataclass
class Finding:
    """What came of exploring one check."""

    runs: int
    violation: str | None = None
    world: World | None = None
    """The world in which it did not hold."""


def explore(
    check: Check, bench: Bench, seed: str, disturbances: tuple[Disturbance, ...]
) -> Finding:
    """Run `check` in every disturbed world; stop at the first in which it does not hold."""
    finding, undisturbed = _run(check, bench, seed, Schedule()), 1
    if finding.violation is not None or finding.world is None:
        return finding
    calls = finding.world.learner_calls()
    runs = undisturbed
    for disturbance in disturbances:
        for schedule in disturbance(calls):
            runs += 1
            finding = _run(check, bench, seed, schedule)
            if finding.violation is not None:
                finding.runs = runs
                return finding
    return Finding(runs)


def _run(check: Check, bench: Bench, seed: str, schedule: Schedule) -> Finding:
    world = World(bench, schedule, seed)
    try:
        check(world)
    except Violated as violation:
        world.read_calls()
        return Finding(1, str(violation), world)
    finally:
        world.close()
    return Finding(1, None, world)
