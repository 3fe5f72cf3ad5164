"""Runs a learner's module as Lambda would, in processes of its own that can be killed at any moment.

`Sandbox` starts a zygote with boto3 in memory; `sandbox.environment(...)` forks an execution
environment from it; `environment.invoke(...)` returns an `Outcome`. The grader never imports the
learner's code and takes no verdict from what these processes say.
"""

from autograder.sandbox.containment import Containment
from autograder.sandbox.environment import Environment
from autograder.sandbox.outcome import Frame, LearnerError, Outcome
from autograder.sandbox.sandbox import Limits, Sandbox, SandboxError

__all__ = [
    "Containment",
    "Environment",
    "Frame",
    "LearnerError",
    "Limits",
    "Outcome",
    "Sandbox",
    "SandboxError",
]
