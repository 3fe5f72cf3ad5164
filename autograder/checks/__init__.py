"""What each lab checks: one module a lab, one function a criterion.

A check states a situation and what must hold in it. What is done to the learner's code meanwhile,
crashes, refusals, cut connections, lost replies, is declared beside it and is the business of
`autograder.explore`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from autograder.explore import Disturbance
from autograder.world import Check
from localcloud import Account


class Checks:
    """The checks of one lab, by criterion."""

    def __init__(self) -> None:
        self.by_criterion: dict[str, list[tuple[Check, tuple[Disturbance, ...]]]] = {}

    def __call__(self, criterion: str, *disturbances: Disturbance) -> Callable[[Check], Check]:
        """Register a situation of a criterion; one criterion may have several."""

        def register(check: Check) -> Check:
            self.by_criterion.setdefault(criterion, []).append((check, disturbances))
            return check

        return register


def prepare_notebook(lab_id: str, account: Account) -> None:
    """Put what a lab's notebook finds there into an account: its checks' `prepare_notebook` does, if any."""
    module = importlib.import_module(f"autograder.checks.{lab_id}")
    prepare = getattr(module, "prepare_notebook", None)
    if prepare is not None:
        prepare(account)


def checks_of(lab_id: str) -> dict[str, list[tuple[Check, tuple[Disturbance, ...]]]]:
    """Return the situations of each criterion of a lab, in the order they are written."""
    module = importlib.import_module(f"autograder.checks.{lab_id}")
    return module.check.by_criterion
