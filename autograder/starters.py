"""The starters of the labs, kept apart from the files that learners edit."""

from __future__ import annotations

from autograder.labs import COURSE, Lab


def starter(lab: Lab) -> bytes:
    """Return the lab's module as a learner first finds it."""
    return (COURSE / "autograder" / "starters" / lab.id / lab.module).read_bytes()
