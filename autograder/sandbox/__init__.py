"""Runs a learner's module as Lambda would, in processes that can be killed at any moment.

`Sandbox` starts a zygote with boto3 in memory; `sandbox.environment(...)` forks an execution
environment from it; `environment.invoke(...)` returns an `Outcome`. The grader never imports the
learner's code and takes no verdict from what these processes say.
"""

from autograder.sandbox.environment import Environment, SandboxError
from autograder.sandbox.in_force import Containment
from autograder.sandbox.outcome import Frame, LearnerError, Outcome
from autograder.sandbox.sandbox import Limits, Sandbox
from autograder.sandbox.zygote import Zygote

__all__ = [
    "Containment",
    "Environment",
    "Frame",
    "LearnerError",
    "Limits",
    "Outcome",
    "Sandbox",
    "SandboxError",
    "Zygote",
]
