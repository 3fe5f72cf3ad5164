"""Draws timeline.svg, the README's picture, from a run of the grader: python docs/timeline.py"""

import hashlib
from pathlib import Path

from autograder.checks import checks_of
from autograder.devcheck import mutants, mutated
from autograder.explore import explore
from autograder.grading import open_engine
from autograder.labs import load_lab
from autograder.sandbox import Sandbox
from autograder.world import Bench
from visuals import timeline

lab = load_lab("dlq")
mutant = next(path for path in mutants(lab) if path.stem == "marks_before_cooking")
source = mutated(lab, mutant)
check, disturbances = checks_of("dlq")["crash"][0]
with (
    open_engine() as cloud,
    Sandbox(source, module_name=lab.module_name, endpoint_port=cloud.port) as sandbox,
):
    seed = hashlib.sha256(source).hexdigest()
    bench = Bench(cloud, sandbox, lab.module_name, seed, lab.variables)
    world = explore(check, bench, "picture", disturbances).world
    assert world is not None
    picture = timeline(
        world.calls,
        title="An order that is lost: its item says RECEIVED for ever",
        visibility_timeout=30,
    )
picture.save(Path(__file__).with_name("timeline.svg"))
