"""What goes wrong in one run of a situation."""

from __future__ import annotations

from dataclasses import dataclass

from localcloud import Fault

Turn = tuple[str, "int | None"]


@dataclass(frozen=True)
class Schedule:
    """What goes wrong in one run."""

    faults: tuple[Fault, ...] = ()
    """What the learner's calls meet (in `World.at_once`: those of the first worker)."""
    turns: tuple[Turn, ...] = ()
    """In which order the calls of two workers take effect: ``("A", 2)`` two of A's, ``("B", None)``
    all that B still makes."""
    second: tuple[Fault, ...] = ()
    """What the calls of the second worker meet."""
    pause_s: float = 0.0
    """Emulated seconds that pass between the first turn and the second; the second worker is invoked
    only then."""

    @property
    def lasting(self) -> bool:
        """Whether a fault goes on until the invocation is over."""
        return any(fault.times is None for fault in self.faults)
