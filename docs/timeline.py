"""Draws the pictures of lost work, from runs of the grader: python docs/timeline.py

One is the README's; the others stand in the labs `idempotency`, `claim_check` and `saga`.
"""

from pathlib import Path

import localcloud
from autograder.checks import checks_of, cloakroom, dinner
from autograder.devcheck import mutants, mutated
from autograder.grading import open_bench, open_engine
from autograder.labs import load_lab
from autograder.search import Finding, Search
from autograder.world import Schedule, World
from visuals import timeline

COURSE = Path(__file__).resolve().parent.parent


def draw(lab_id: str, wrong: str, title: str, to: str) -> None:
    """Save the shortest history in which a crash breaks the mutant `wrong` of a lab."""
    lab = load_lab(lab_id)
    mutant = next(path for path in mutants(lab) if path.stem == wrong)
    found: list[Finding] = []
    situations = checks_of(lab_id)["crash"]
    search = Search([(1, "crash", situations)], lambda _, finding: found.append(finding), 60)
    with open_engine(lab) as cloud, open_bench(lab, mutated(lab, mutant), cloud) as bench:
        search.work(bench)
    search.finish()
    world = found[0].world
    assert world is not None
    timeline(world.calls, title=title, visibility_timeout=30).save(COURSE / to)


def draw_the_claim_for_nothing(to: str) -> None:
    """Save what becomes of a claim whose sender was killed before it stored the document."""
    lab = load_lab("claim_check")
    mutant = next(path for path in mutants(lab) if path.stem == "sends_before_storing")
    with open_engine(lab) as cloud, open_bench(lab, mutated(lab, mutant), cloud) as bench:
        world = World(bench, Schedule((localcloud.kill("after", at=1),)), "story")
        room = cloakroom.Cloakroom(world)
        order = cloakroom.orders(world, 1, customer=True)[0]
        world.invoke("send", cloakroom.written(order), "saturday")
        world.deliver_until_quiet(room.queue)
        world.close()
    title = "A claim for nothing: the document was never put into the bucket"
    timeline(world.calls, title=title, visibility_timeout=30).save(COURSE / to)


def draw_the_stranded_order(to: str) -> None:
    """Save what becomes of an order whose saga wrote FAILED, and was killed before it undid anything."""
    lab = load_lab("saga")
    mutant = next(path for path in mutants(lab) if path.stem == "failed_before_it_is_undone")
    with open_engine(lab) as cloud, open_bench(lab, mutated(lab, mutant), cloud) as bench:
        world = World(bench, Schedule((localcloud.kill("after", at=5),)), "story")
        restaurant = dinner.Restaurant(world)
        restaurant.receive(*dinner.too_many(world, restaurant))
        world.deliver_until_quiet(restaurant.queue)
        world.read_calls()
        world.close()
    title = "A stranded order: FAILED, and never refunded"
    timeline(world.calls, title=title, visibility_timeout=30).save(COURSE / to)


if __name__ == "__main__":
    draw(
        "dlq",
        "marks_before_cooking",
        "An order that is lost: its item says RECEIVED for ever",
        "docs/timeline.svg",
    )
    draw(
        "idempotency",
        "marks_before_awarding",
        "An award that is lost: the inbox says it was seen",
        "labs/idempotency/lost.svg",
    )
    draw_the_claim_for_nothing("labs/claim_check/nothing.svg")
    draw_the_stranded_order("labs/saga/stranded.svg")
