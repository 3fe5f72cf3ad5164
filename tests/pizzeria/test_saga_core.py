"""The saga without AWS: what comes next, and that a kill anywhere changes nothing in the end."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from botocore.exceptions import ClientError

from pizzeria.saga import by_hand, participants, store
from pizzeria.saga.core import Saga
from pizzeria.saga.incoming import Answer, Order

ORDER = Order(order_id="1001", pizza="funghi", quantity=2, amount="19.80", card="sealed")
YES, NO = Answer(order_id="1001"), Answer(order_id="1001", reason="the oven is out")


def walk(saga: Saga, answer: Answer) -> list[str]:
    """Do what is next until it is over; return what was done."""
    done = []
    while action := saga.next:
        done.append(action)
        saga = saga.answered(answer) if saga.waiting else saga.done()
    return [*done, str(saga.ended)]


def test_a_saga_goes_forward_step_by_step():
    assert walk(Saga(order=ORDER), YES) == [
        "reserve",
        "charge",
        "ask kitchen",
        "confirm",
        "CONFIRMED",
    ]


def test_a_refusal_undoes_what_was_done_last_thing_first():
    back = walk(Saga(order=ORDER), NO)[3:]
    assert back == ["refund", "release", "fail", "FAILED"]


@pytest.mark.parametrize(
    ("step", "undone"),
    [(0, []), (1, ["release"]), (2, ["refund", "release"])],
)
def test_what_was_refused_is_not_undone_itself(step: int, undone: list[str]):
    assert walk(Saga(order=ORDER, step=step).refused("no"), YES) == [*undone, "fail", "FAILED"]


@pytest.mark.parametrize(
    ("step", "undone"),
    [
        (0, ["release"]),
        (1, ["refund", "release"]),
        (2, ["cancel at kitchen", "refund", "release"]),
    ],
)
def test_what_failed_three_times_is_undone_too_for_it_may_have_happened(step, undone):
    saga = Saga(order=ORDER, step=step).failed().failed()
    assert not saga.undoing
    assert walk(saga.failed(), YES) == [*undone, "fail", "FAILED"]


def test_once_the_kitchen_has_accepted_there_is_no_way_back():
    accepted = Saga(order=ORDER, step=2).answered(YES)
    assert accepted.timed_out() is accepted
    for _ in range(5):
        accepted = accepted.failed()
    assert accepted.next == "confirm"


def test_undoing_is_never_given_up():
    saga = Saga(order=ORDER, step=1).refused("no")
    for _ in range(20):
        saga = saga.failed()
    assert saga.next == "release"


@pytest.mark.parametrize("late", [YES, NO])
def test_an_answer_that_nobody_waits_for_changes_nothing(late: Answer):
    for saga in (
        Saga(order=ORDER, ended="FAILED"),
        Saga(order=ORDER, ended="CONFIRMED"),
        Saga(order=ORDER, step=2).timed_out(),
    ):
        assert saga.answered(late) is saga


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class World:
    """Inventory, payments, kitchen and orders as they promise to be, and a table with conditions.

    `kill_at`: (n, before or after the effect) of the n-th effect of all.
    """

    def __init__(self, refuse: str = "", kill_at: tuple[int, str] | None = None):
        self.refuse, self.kill_at = refuse, kill_at
        self.effects = 0
        self.state: dict[str, str] = {}
        self.changes: Counter[str] = Counter()
        self.table: Saga | None = None

    def _effect(self, do):
        self.effects += 1
        if self.kill_at == (self.effects, "before"):
            raise Killed
        result = do()
        if self.kill_at == (self.effects, "after"):
            raise Killed
        return result

    def _set(self, what: str, to: str) -> None:
        if self.state.get(what) != to:
            self.changes[to] += 1
        self.state[what] = to

    def _forward(self, what: str, to: str):
        def do(order, *_):
            def change():
                if self.refuse == what:
                    return "no"
                if self.state.get(what, to) != to:
                    return "too late"
                return self._set(what, to)

            return self._effect(change)

        return do

    def _back(self, what: str, to: str):
        def do(order, *_):
            self._effect(lambda: self._set(what, to))

        return do

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, what, to in (
            ("reserve", "stock", "reserved"),
            ("charge", "card", "charged"),
            ("ask_kitchen", "kitchen", "asked"),
        ):
            monkeypatch.setattr(participants, name, self._forward(what, to))
        for name, what, to in (
            ("release", "stock", "released"),
            ("refund", "card", "refunded"),
            ("cancel_at_kitchen", "kitchen", "cancelled"),
            ("confirm", "order", "confirmed"),
            ("fail", "order", "failed"),
        ):
            monkeypatch.setattr(participants, name, self._back(what, to))
        monkeypatch.setattr(store, "load", lambda _: self.table)
        monkeypatch.setattr(store, "save", self._save)
        monkeypatch.setattr(by_hand, "_set_alarm", lambda _: self._effect(lambda: None))

    def _save(self, saga: Saga) -> None:
        def put():
            if self.table is not None and self.table.version != saga.version - 1:
                reason = {"Error": {"Code": "ConditionalCheckFailedException"}}
                raise ClientError(reason, "PutItem")
            self.table = saga

        self._effect(put)


def proceed(answer: Answer) -> None:
    saga = store.load("1001")
    assert saga is not None
    moved = saga.answered(answer)
    if moved is not saga:
        store.save(moved)
    by_hand.run(moved, asked=True)


def deliver(world: World, answer: Answer) -> None:
    """Deliver the order and the answer until each was taken, as SQS does."""
    for message in (lambda: by_hand.begin(ORDER), lambda: proceed(answer)):
        for _ in range(5):
            try:
                message()
                break
            except Killed:
                world.kill_at = None


HAPPY = {"stock": "reserved", "card": "charged", "kitchen": "asked", "order": "confirmed"}


def after(refused: str) -> dict[str, str]:
    """What is left where somebody refused: only traces of what was undone."""
    undone = {"stock": "released", "card": "refunded", "kitchen": "asked"}
    known = {"stock": [], "card": ["stock"], "kitchen": ["stock", "card"]}[refused]
    return {**{name: undone[name] for name in known}, "order": "failed"}


@pytest.mark.parametrize(
    ("refused", "kill"),
    [(r, k) for r, k in product(["", "stock", "card"], product(range(1, 14), ["before", "after"]))],
)
def test_killed_anywhere_it_ends_as_if_it_had_not_been(monkeypatch, refused: str, kill):
    world = World(refuse=refused, kill_at=kill)
    world.use(monkeypatch)
    deliver(world, YES)
    assert world.state == (after(refused) if refused else HAPPY)
    assert max(world.changes.values()) == 1, "each effect once"
    assert world.table is not None
    assert world.table.ended == ("FAILED" if refused else "CONFIRMED")


@pytest.mark.parametrize("kill", list(product(range(1, 14), ["before", "after"])))
def test_killed_anywhere_on_the_way_back_from_the_kitchen(monkeypatch, kill):
    world = World(kill_at=kill)
    world.use(monkeypatch)
    deliver(world, NO)
    assert world.state == {
        "stock": "released",
        "card": "refunded",
        "kitchen": "asked",
        "order": "failed",
    }
    assert world.table is not None
    assert world.table.ended == "FAILED"


def test_two_deliveries_that_meet_do_not_both_move_the_saga(monkeypatch):
    world = World()
    world.use(monkeypatch)
    by_hand.begin(ORDER)
    assert world.table is not None
    stale = world.table
    store.save(stale.timed_out())
    with pytest.raises(ClientError):
        store.save(stale.answered(YES))
