"""What a fresh execution environment costs: ``python benchmarks/environment.py``.

CPU time of the learner's process from its fork to its end, in all and step by step, against what the
same steps cost in a Python that is started anew. It asserts nothing.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys

import localcloud
from autograder.sandbox import Sandbox

RUNS = 20
STEPS = """
import resource

marks = []


def mark(step):
    used = resource.getrusage(resource.RUSAGE_SELF)
    marks.append([step, 1000 * (used.ru_utime + used.ru_stime)])


mark("start")
import boto3
mark("import boto3")
sqs = boto3.client("sqs")
mark("boto3.client")
dynamodb = boto3.resource("dynamodb")
table = dynamodb.Table("cooked")
mark("boto3.resource, Table")


def steps():
    mark("invocation")
    sqs.create_queue(QueueName="orders")
    mark("first call")
    sqs.create_queue(QueueName="orders")
    mark("second call")
    return marks
"""


def of_an_environment(sandbox: Sandbox, variables: dict[str, str]) -> list[tuple[str, float]]:
    environment = sandbox.environment(variables)
    outcome = environment.invoke("steps")
    environment.kill()
    if outcome.kind != "returned":
        raise SystemExit(outcome.message)
    return [(step, ms) for step, ms in outcome.value]


def of_a_new_python(variables: dict[str, str]) -> list[tuple[str, float]]:
    code = STEPS + "\nprint(steps())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )
    return [(step, ms) for step, ms in eval(done.stdout)]


def differences(samples: list[list[tuple[str, float]]]) -> dict[str, float]:
    """The median of what each step added, in milliseconds."""
    found = {}
    for number, (step, _) in enumerate(samples[0]):
        before = [sample[number - 1][1] if number else 0.0 for sample in samples]
        found[step] = statistics.median(
            s[number][1] - b for s, b in zip(samples, before, strict=True)
        )
    return found


def main() -> None:
    with localcloud.start(guarded=True) as cloud:
        variables = cloud.account().caller("kitchen").environment
        with Sandbox(STEPS.encode(), module_name="kitchen", endpoint_port=cloud.port) as sandbox:
            warm = differences([of_an_environment(sandbox, variables) for _ in range(RUNS)])
        cold = differences([of_a_new_python(variables) for _ in range(5)])
    print(f"{'CPU milliseconds':24}{'environment':>12}{'new Python':>12}{'ratio':>8}")
    for step in cold:
        print(f"{step:24}{warm[step]:12.2f}{cold[step]:12.2f}{warm[step] / cold[step]:8.2f}")
    total = sum(warm.values()), sum(cold.values())
    print(f"{'in all':24}{total[0]:12.2f}{total[1]:12.2f}{total[0] / total[1]:8.2f}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"\nLargest process: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
