"""The search for the shortest history that breaks each criterion, by several lanes at once.

First every situation runs undisturbed, then each with everything that can go wrong in it. A history
has a place in its criterion, few steps first; the search of a criterion ends when all histories before
the first one that breaks it have been run. So it finds the same history however many lanes there are
and however fast each of them is.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from autograder.bench import Bench
from autograder.explore import Disturbance
from autograder.schedule import Schedule
from autograder.stops import Stops
from autograder.world import Check, NotHere, NotWritten, Violated, World

Situation = tuple[Check, tuple[Disturbance, ...]]
_PAIRS_FROM = 1000  # the n-th history that follows from the m-th has the index 1000 m + n
_EXPERIMENT = 1_000_000
_CRITERION = 100
_LONGEST_HISTORY_S = 120.0  # real; an invocation alone may take 30


@dataclass(order=True, frozen=True)
class Place:
    """Where a history stands in its criterion; the less, the shorter."""

    disturbed: bool
    experiment: int
    index: int


_Order = tuple[bool, int, Place]


@dataclass
class History:
    """One run to make, or made."""

    criterion: int
    """The criterion's number in its lab: 1, 2, …"""
    seed: str
    place: Place
    situation: Situation
    disturbance: Disturbance | None
    schedule: Schedule
    follows: bool = False
    """Whether it goes on from a disturbed run."""

    @property
    def number(self) -> int:
        """What ``--replay`` calls it; the same whenever the same code is graded."""
        experiment = self.criterion * _CRITERION + self.place.experiment
        return experiment * _EXPERIMENT + self.place.index


@dataclass
class Finding:
    """What came of one criterion."""

    runs: int = 0
    violation: str | None = None
    not_written: str | None = None
    not_here: str | None = None
    history: History | None = None
    world: World | None = None
    """The world in which it did not hold."""

    @property
    def holds(self) -> bool:
        return self.violation is None and self.not_written is None


@dataclass
class _Criterion:
    """How far the search of one criterion is."""

    id: str
    open: set[int] = field(default_factory=set)
    """Numbers of the histories that wait or run."""
    places: dict[int, Place] = field(default_factory=dict)
    done: list[Place] = field(default_factory=list)
    broken_at: Place | None = None
    finding: Finding = field(default_factory=Finding)
    told: bool = False

    def needs(self, place: Place) -> bool:
        return self.broken_at is None or place < self.broken_at


class Search:
    """Histories to run, given out to lanes; what has been found, criterion by criterion.

    `criteria`: (number in the lab, id, situations), what matters first. `found(id, finding)` is called
    once for each, in no particular order, from the lanes' threads.
    """

    def __init__(
        self,
        criteria: Sequence[tuple[int, str, Sequence[Situation]]],
        found: Callable[[str, Finding], None],
        seconds: float,
    ):
        self._found = found
        self.stops = Stops()
        self._deadline = time.monotonic() + seconds
        self._box = seconds
        self._changed = threading.Condition()
        self._waiting: list[tuple[_Order, int, History]] = []
        self._ties = itertools.count()
        self._running = 0
        self._benches: list[Bench] = []
        self._error: tuple[_Order, BaseException] | None = None
        self._criteria: dict[int, _Criterion] = {}
        self.runs = 0
        self._rank = {number: rank for rank, (number, _, _) in enumerate(criteria)}
        for number, criterion_id, situations in criteria:
            self._criteria[number] = _Criterion(criterion_id)
            for history in undisturbed(number, criterion_id, situations):
                self._add(history)

    def work(self, bench: Bench) -> None:
        """Run histories until none is left; for a lane's thread."""
        self._benches.append(bench)
        while (history := self._take()) is not None:
            self._settle(history, *self._run(history, bench))

    def _run(self, history: History, bench: Bench) -> tuple[Finding | None, BaseException | None]:
        """Run it; once more if this process stood still meanwhile, and the clock did not."""
        while True:
            stops = self.stops.look()
            result, wrong = None, None
            try:
                result = run(history, bench)
            except BaseException as error:
                wrong = error
            if self.stops.look() == stops or self._late():
                return result, wrong

    def finish(self) -> None:
        """Raise what ended the search before its time, if anything did."""
        with self._changed:
            if self._error is not None:
                raise self._error[1]

    def look(self) -> None:
        """Notice what is wrong with time; to be called every now and then from the outside.

        Raises what is to be said when a history goes on long after time was up.
        """
        if self._late(_LONGEST_HISTORY_S):
            raise self._too_long()

    def _late(self, by: float = 0.0) -> bool:
        return time.monotonic() > self._deadline + self.stops.seconds() + by

    def stop(self) -> None:
        """Give out nothing more."""
        with self._changed:
            self._waiting.clear()
            self._changed.notify_all()

    def _add(self, history: History) -> None:
        criterion = self._criteria[history.criterion]
        if criterion.needs(history.place):
            criterion.open.add(history.number)
            criterion.places[history.number] = history.place
            heapq.heappush(self._waiting, (self._order(history), next(self._ties), history))

    def _order(self, history: History) -> _Order:
        """All undisturbed runs first, then criterion by criterion."""
        return history.place.disturbed, self._rank[history.criterion], history.place

    def _take(self) -> History | None:
        with self._changed:
            while True:
                while self._waiting:
                    order, _, history = heapq.heappop(self._waiting)
                    criterion = self._criteria[history.criterion]
                    if not criterion.needs(history.place):
                        criterion.open.discard(history.number)
                        self._tell(criterion)
                        continue
                    if self._error is not None and order > self._error[0]:
                        continue
                    if self._late():
                        self._error = self._error or (order, self._too_long())
                        self._waiting.clear()
                        break
                    self._running += 1
                    return history
                if not self._running:
                    self._changed.notify_all()
                    return None
                self._changed.wait(1)

    def _too_long(self) -> Exception:
        """What to say when time is up. Whose fault that is, nobody can tell: it is no verdict."""
        in_their_code = sum(bench.spent_s for bench in self._benches)
        return TooLong(
            f"it took more than {self._box:g} s; the code that is graded was at work, or waited for "
            f"an answer, for {in_their_code:.0f} s of them."
        )

    def _settle(
        self, history: History, result: Finding | None, error: BaseException | None
    ) -> None:
        with self._changed:
            self._running -= 1
            criterion = self._criteria[history.criterion]
            if error is not None:  # the history stays open: nobody knows what would have come of it
                if self._error is None or self._order(history) < self._error[0]:
                    self._error = (self._order(history), error)
            elif result is not None:
                criterion.open.discard(history.number)
                if result.runs:
                    criterion.done.append(history.place)
                if result.not_here and criterion.finding.holds:
                    criterion.finding.not_here = result.not_here
                if not result.holds:
                    if criterion.needs(history.place):
                        criterion.broken_at, criterion.finding = history.place, result
                elif result.world is not None:
                    for following in next_histories(history, result.world):
                        self._add(following)
            self._tell(criterion)
            self._changed.notify_all()

    def _tell(self, criterion: _Criterion) -> None:
        """Hand out a criterion's finding once nothing before it is open any more."""
        if criterion.told or any(criterion.needs(criterion.places[n]) for n in criterion.open):
            return
        criterion.told = True
        finding = criterion.finding
        last = criterion.broken_at
        finding.runs = sum(last is None or place <= last for place in criterion.done)
        self.runs += finding.runs
        self._found(criterion.id, finding)


class TooLong(Exception):
    """The search did not come to its end in time."""


def undisturbed(
    criterion: int, criterion_id: str, situations: Sequence[Situation]
) -> Iterator[History]:
    """Each situation of a criterion, with nothing going wrong."""
    experiment = 1
    for situation in situations:
        seed = f"{criterion_id}/{situation[0].__name__}"
        place = Place(False, experiment, 0)
        yield History(criterion, seed, place, situation, None, Schedule())
        experiment += max(1, len(situation[1]))


def next_histories(history: History, world: World) -> Iterator[History]:
    """What is to be run after a history that did not break its check."""
    calls, place = world.learner_calls(), history.place
    if history.disturbance is None:
        for offset, disturbance in enumerate(history.situation[1]):
            for index, schedule in enumerate(disturbance.first(calls), 1):
                yield History(
                    history.criterion,
                    history.seed,
                    Place(True, place.experiment + offset, index),
                    history.situation,
                    disturbance,
                    schedule,
                )
    elif history.disturbance.then is not None and not history.follows:
        for index, schedule in enumerate(history.disturbance.then(history.schedule, calls), 1):
            yield History(
                history.criterion,
                history.seed,
                Place(True, place.experiment, _PAIRS_FROM * place.index + index),
                history.situation,
                history.disturbance,
                schedule,
                follows=True,
            )


# What a check runs into when the state that it looks at has been taken away or turned into nonsense.
_STUMBLES = (
    *(ClientError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError),
    RecursionError,  # what is nested without end
)


def _stumbled(error: Exception) -> str:
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "an error")
        what = f"AWS answers {code} to {error.operation_name}"
    else:
        what = f"something there has another form ({type(error).__name__})"
    return f"What the lab needs is not there any more, or not as it was: {what}."


def run(history: History, bench: Bench) -> Finding:
    """Run one history. Raises CannotRun, and whatever stands in the way of a judgement."""
    check, _ = history.situation
    world = World(bench, history.schedule, history.seed)
    try:
        check(world)
    except Violated as violation:
        world.read_calls()
        told = world.unnumbered(str(violation))
        return Finding(1, told, history=history, world=world)
    except _STUMBLES as error:
        world.read_calls()
        return Finding(1, _stumbled(error), history=history, world=world)
    except NotWritten as error:
        return Finding(1, not_written=str(error), history=history, world=world)
    except NotHere as reason:
        return Finding(0, not_here=str(reason), history=history)
    finally:
        world.close()
    return Finding(1, history=history, world=world)


def find(
    number: int, criteria: Sequence[tuple[str, Sequence[Situation]]], bench: Bench
) -> History | None:
    """Return the history of that number, running those that lead to it; None: there is none."""
    experiment, index = divmod(number, _EXPERIMENT)
    criterion, experiment = divmod(experiment, _CRITERION)
    if not 1 <= criterion <= len(criteria):
        return None
    starts = [
        history
        for history in undisturbed(criterion, *criteria[criterion - 1])
        if history.place.experiment <= experiment
    ]
    history = starts[-1] if starts else None
    steps = [index // _PAIRS_FROM, index] if index >= _PAIRS_FROM else [index] if index else []
    for step in steps:
        if history is None:
            return None
        world = run(history, bench).world
        following = next_histories(history, world) if world is not None else iter(())
        history = next(
            (h for h in following if (h.place.experiment, h.place.index) == (experiment, step)),
            None,
        )
    return history if history is None or history.number == number else None
