"""Draws the pictures of crashes, from runs of the grader: python docs/timeline.py

One is the README's; the others stand in the labs.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import localcloud
from autograder.checks import checks_of, cloakroom, dinner, order_events
from autograder.devcheck import mutants, mutated
from autograder.engines import open_engine
from autograder.grading import open_bench
from autograder.labs import Lab, load_lab
from autograder.schedule import Schedule
from autograder.search import Finding, Search
from autograder.world import World
from visuals import timeline

COURSE = Path(__file__).resolve().parent.parent


def draw(lab_id: str, wrong: str, title: str, to: str) -> None:
    """Save the shortest history in which a crash breaks the mutant `wrong` of a lab."""
    lab = load_lab(lab_id)
    found: list[Finding] = []
    situations = checks_of(lab_id)["crash"]
    search = Search([(1, "crash", situations)], lambda _, finding: found.append(finding), 60)
    with open_engine(lab) as cloud, open_bench(lab, source_of(lab, wrong), cloud) as bench:
        search.work(bench)
    search.finish()
    world = found[0].world
    assert world is not None
    timeline(world.calls, title=title, visibility_timeout=30).save(COURSE / to)


def draw_story(
    lab_id: str,
    wrong: str | None,
    killed_after: int,
    story: Callable[[World], None],
    to: str,
    **picture: Any,
) -> None:
    """Save what becomes of `story` with a lab's code, killed after one of its calls.

    `wrong`: the mutant that is in it; None: the reference. `picture`: what `timeline` takes besides.
    """
    lab = load_lab(lab_id)
    source = source_of(lab, wrong) if wrong else lab.solution.read_bytes()
    with open_engine(lab) as cloud, open_bench(lab, source, cloud) as bench:
        world = World(bench, Schedule((localcloud.kill("after", at=killed_after),)), "story")
        story(world)
        world.read_calls()
        world.close()
    timeline(world.calls, **picture).save(COURSE / to)


def source_of(lab: Lab, wrong: str) -> bytes:
    """The lab's reference with the mutant `wrong` in it."""
    return mutated(lab, next(path for path in mutants(lab) if path.stem == wrong))


def a_claim_for_nothing(world: World) -> None:
    """A sender is killed before it has stored the document that its claim is for.

    The grader calls both ends of the lab by one name. Here the recorded calls of each get its own,
    and the bucket the name that the lab's text gives it.
    """
    room = cloakroom.Cloakroom(world)
    order = cloakroom.orders(world, 1, customer=True)[0]
    world.invoke("send", cloakroom.written(order), "saturday")
    for _ in range(3):
        world.deliver(room.queue)
        world.pass_time(world.bench.visibility_timeout_s + 1)
    world.deliver(room.queue)  # finds nothing: SQS has moved the claim
    world.account.client("sqs", "manager").receive_message(QueueUrl=room.dlq)
    world.read_calls()
    ends = {"SendMessage": "order service", "GetObject": "packing station"}
    assert [call.operation for call in world.learner_calls()] == ["SendMessage"] + 3 * ["GetObject"]
    world.calls[:] = [
        replace(
            call,
            caller=ends.get(call.operation, call.caller),
            resource="cloakroom (S3)" if call.service == "s3" else call.resource,
        )
        for call in world.calls
    ]


def a_stranded_order(world: World) -> None:
    """A saga writes FAILED, and is killed before it has undone anything."""
    restaurant = dinner.Restaurant(world)
    restaurant.receive(*dinner.too_many(world, restaurant))
    world.deliver_until_quiet(restaurant.queue)


def an_event_that_is_published_twice(world: World) -> None:
    """A publisher is killed after it has published, and before it has cleared the entry."""
    restaurant = order_events.Restaurant(world)
    restaurant.place({"order_id": "1002", "customer": "Grace", "pizza": "funghi", "quantity": 1})
    while not any(call.operation == "UpdateItem" for call in world.calls):
        restaurant.mapping.deliver()


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
    draw_story(
        "claim_check",
        "sends_before_storing",
        1,
        a_claim_for_nothing,
        "labs/claim_check/nothing.svg",
        title="A claim for nothing: the document was never put into the bucket",
        caption="Three receives, and SQS has moved the claim to packing-dlq.",
        lanes=["order service", "packing", "Lambda", "packing station", "cloakroom (S3)"],
        visibility_timeout=30,
    )
    draw_story(
        "saga",
        "failed_before_it_is_undone",
        5,
        a_stranded_order,
        "labs/saga/stranded.svg",
        title="A stranded order: FAILED, and never refunded",
        visibility_timeout=30,
    )
    draw_story(
        "outbox",
        None,
        2,
        an_event_that_is_published_twice,
        "labs/outbox/killed.svg",
        title="The publisher is killed after it has published",
        caption="The event is on the bus twice, with the same id; its entry is cleared in the end.",
        highlight=["killed after"],
    )
