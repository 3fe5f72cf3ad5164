"""The saga's state and what comes next: no AWS, no time, nothing but values.

Forward, step by step: stock, card, kitchen, confirm. Once the kitchen has accepted there is no way back;
before that, whatever goes wrong turns the saga round, and the steps are undone in reverse.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from pizzeria.saga.incoming import Answer, Order

RESERVE, CHARGE, KITCHEN, CONFIRM = range(4)

Action = Literal[
    "reserve", "charge", "ask kitchen", "confirm", "cancel at kitchen", "refund", "release", "fail"
]
FORWARD: tuple[Action, ...] = ("reserve", "charge", "ask kitchen", "confirm")
BACK: tuple[Action, ...] = ("release", "refund", "cancel at kitchen")

MOST_TRIES = 3


class Saga(BaseModel):
    """One order's saga. `step` is the step to do next or, when turned round, to undo next."""

    model_config = ConfigDict(frozen=True)

    order: Order
    step: int = RESERVE
    undoing: bool = False
    tries: int = 0
    reason: str | None = None
    ended: Literal["CONFIRMED", "FAILED"] | None = None
    version: int = 0
    trace: dict[
        str, str
    ] = {}  # of the order that started it: all that follows belongs to that trace

    @property
    def next(self) -> Action | None:
        """What is to be done now, None when it is over. Doing it twice does no harm."""
        if self.ended:
            return None
        if not self.undoing:
            return FORWARD[self.step]
        return BACK[self.step] if self.step >= 0 else "fail"

    @property
    def waiting(self) -> bool:
        """Whether the next move is somebody else's, once the kitchen was asked."""
        return not self.ended and not self.undoing and self.step == KITCHEN

    def done(self) -> Saga:
        """What was to be done now is done."""
        if self.next == "confirm":
            return self._to(ended="CONFIRMED")
        if self.next == "fail":
            return self._to(ended="FAILED")
        return self._to(step=self.step + (-1 if self.undoing else 1))

    def refused(self, reason: str) -> Saga:
        """The step was refused: what was done before it is to be undone."""
        return self._to(undoing=True, reason=reason, step=self.step - 1)

    def failed(self) -> Saga:
        """The step failed technically, and nobody knows if it took effect. Tried too often: undo it, too."""
        if self.undoing or self.step == CONFIRM or self.tries + 1 < MOST_TRIES:
            return self._to(tries=self.tries + 1)
        return self._to(undoing=True, reason="we could not reach everybody in time")

    def answered(self, answer: Answer) -> Saga:
        """The kitchen answered; an answer that nobody waits for any more changes nothing."""
        if not self.waiting:
            return self
        return self.done() if answer.accepted else self.refused(answer.reason or "")

    def timed_out(self) -> Saga:
        """The time is up, which matters only before the kitchen has accepted."""
        if self.ended or self.undoing or self.step == CONFIRM:
            return self
        return self._to(undoing=True, reason="the kitchen did not answer in time")

    def _to(self, **changes: object) -> Saga:
        # A new step starts with no tries of its own.
        tries = {} if "tries" in changes else {"tries": 0}
        return self.model_copy(update={"version": self.version + 1, **tries, **changes})
