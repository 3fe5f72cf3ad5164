"""What all runs of one grading share."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.role import Role
from autograder.sandbox import Sandbox
from localcloud import Cloud

# What one invocation may take. No correct solution comes near it, on a slow machine either. An endless
# loop meets the limit of processor time, which does not depend on how busy the machine is; real time
# is for what waits for ever. What may take longer than a handler, as a redrive, has more of both.
CPU_LIMIT_S = 10
REAL_TIMEOUT_S = 30.0


@dataclass
class Bench:
    """The engine, the learner's zygote, the seed and what an invocation may take."""

    cloud: Cloud
    sandbox: Sandbox
    name: str
    """What the learner's code is called in histories: ``kitchen``."""
    seed: str
    variables: dict[str, str]
    """Environment variables that the lab promises its functions."""
    patience_s: float = REAL_TIMEOUT_S
    """Real seconds that an invocation of a handler may take."""
    cpu_s: float = CPU_LIMIT_S
    """Seconds of processor time that it may take."""
    spent_s: float = 0.0
    """Real seconds that the learner's code has taken so far."""

    def __post_init__(self) -> None:
        self.observer = Role(self.cloud)
        self.service = Role(self.cloud)

    def close(self) -> None:
        self.observer.close()
        self.service.close()

    @property
    def visibility_timeout_s(self) -> int:
        """For queues of the grader's own; short where time cannot be moved."""
        return 30 if self.cloud.engine == "embedded" else 3
