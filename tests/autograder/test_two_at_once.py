"""What another worker, or anybody, does between two calls of the code is tried, in every order."""

from __future__ import annotations

import threading

import pytest
from counters import counters, make_table, search

from autograder.explore import interleavings, long_pauses
from autograder.history import tell
from autograder.world import Violated, World

pytestmark = pytest.mark.xdist_group("two at once")

# --- somebody else comes between ---

FAILS_IN_THE_END = """
def handler():
    write("a", 1)
    write("a", read("a") + 1)
    raise RuntimeError(f"{os.environ['AWS_ENDPOINT_URL']} does not answer")
"""


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_a_change_comes_after_so_many_calls_and_the_history_says_so(bench, after):
    writers = set()

    def changed(world: World) -> None:
        make_table(world)
        read_calls = world.read_calls

        def noted() -> None:
            writers.add(threading.get_ident())
            read_calls()

        world.read_calls = noted

        def change() -> None:
            item = {"id": {"S": "a"}, "n": {"N": "10"}}
            world.look("dynamodb").put_item(TableName="counters", Item=item)
            world.note("somebody sets it to 10")

        world.interrupt(after, change, "handler")
        raise Violated(f"{counters(world)['a']}")

    finding = search(bench(FAILS_IN_THE_END), (changed, ()))

    # The third call writes what the second one has read, so what was set before the third is lost.
    assert finding.violation == {1: "11", 2: "2"}.get(after, "10")
    told = tell(finding.world.calls, finding.world.notes, "kitchen")
    what = ["calls" if "calls" in t else "set" if "sets" in t else "raised" for t in told]
    calls = min(after, 3)
    assert what == ["calls"] * calls + ["set"] + ["calls"] * (3 - calls) + ["raised"]
    assert "http://… does not answer" in told[-1]
    assert len(writers) == 1, "two threads write one history"


LOOKS_AT_THE_CLOCK = """
import time

def handler():
    seen = []
    for n in range(3):
        before = time.time(), time.monotonic()
        write("a", n)
        seen.append([time.time() - before[0], time.monotonic() - before[1]])
    return seen
"""


def test_time_that_passes_during_a_call_is_on_all_clocks_when_the_reply_comes(bench):
    def a_minute_passes(world: World) -> None:
        make_table(world)
        world.interrupt(1, lambda: world.pass_time(60), "handler")
        first, second, third = world.outcome.value
        if not (max(first + third) < 30 and min(second) > 59 and max(second) < 90):
            raise Violated(f"{first} {second} {third}")

    assert search(bench(LOOKS_AT_THE_CLOCK), (a_minute_passes, ())).violation is None


# --- two workers ---

READ_THEN_WRITE = """
def handler():
    write("a", read("a") + 1)
"""
CONDITIONAL = """
def handler():
    while True:
        n = read("a")
        try:
            return write("a", n + 1, ConditionExpression="attribute_not_exists(id) OR n = :n",
                         ExpressionAttributeValues={":n": {"N": str(n)}})
        except dynamodb.exceptions.ConditionalCheckFailedException:
            pass
"""


def two_count(world: World) -> None:
    make_table(world)
    world.at_once(("handler",), ("handler",))
    if counters(world) != {"a": 2}:
        raise Violated(f"two counted to {counters(world)['a']}")


def test_a_lost_update_is_found_whichever_way_it_is_interleaved(bench):
    finding = search(bench(READ_THEN_WRITE), (two_count, (interleavings,)))

    assert finding.violation == "two counted to 1"
    order = [(c.caller[-1], c.operation) for c in finding.world.learner_calls()]
    assert order == [("A", "GetItem"), ("B", "GetItem"), ("B", "PutItem"), ("A", "PutItem")]


LEASE = """
import time

def handler():
    now = int(time.time())
    write("lease", now + %d, ConditionExpression="attribute_not_exists(id) OR n < :now",
          ExpressionAttributeValues={":now": {"N": str(now)}})
    write("a", read("a") + 1)
    write("lease", 0)
"""


def test_a_lease_that_ends_while_a_worker_stands_still_is_found(bench):
    finding = search(bench(LEASE % 10), (two_count_or_one_gives_up, (long_pauses,)))

    assert finding.violation == "two counted to 1"
    calls = finding.world.learner_calls()
    assert "".join(call.caller[-1] for call in calls) == "AABBBBAA"
    assert calls[2].passed - calls[1].passed == pytest.approx(25, abs=1)


def test_a_lease_that_lasts_as_long_as_a_function_may_is_enough(bench):
    finding = search(bench(LEASE % 30), (two_count_or_one_gives_up, (long_pauses,)))

    assert finding.holds
    assert finding.runs > 2


def two_count_or_one_gives_up(world: World) -> None:
    make_table(world)
    ended = world.at_once(("handler",), ("handler",))
    done = sum(outcome.kind == "returned" for outcome in ended)
    if counters(world)["a"] != done:
        raise Violated(f"two counted to {counters(world)['a']}")


def test_of_two_workers_the_handler_gets_a_context(bench):
    def with_a_kitchen(world: World) -> None:
        outcomes = world.at_once(("handler", "event"), ("cook", "pizza"), context=True)
        assert [outcome.value for outcome in outcomes] == [True, "pizza"]

    text = """
def handler(event, context):
    return context.get_remaining_time_in_millis() > 0

def cook(pizza):
    return pizza
"""
    assert search(bench(text), (with_a_kitchen, ())).holds


def test_a_conditional_write_survives_every_order(bench):
    finding = search(bench(CONDITIONAL), (two_count, (interleavings,)))

    assert finding.holds
    assert finding.runs > 3


def test_workers_that_share_nothing_are_run_in_one_order_only(bench):
    def both(world: World) -> None:
        make_table(world)
        world.at_once(("handler",), ("handler",))

    reading = "def handler(): return [read('a'), read('b')]"
    writing = "def handler(): return [write('a', 1), write('b', 1)]"
    assert search(bench(reading), (both, (interleavings,))).runs == 2
    assert search(bench(writing), (both, (interleavings,))).runs > 2


def test_a_worker_that_finds_nothing_left_to_do_says_nothing_of_what_it_might_have_done(bench):
    def one_bakes(world: World) -> None:
        make_table(world)
        world.at_once(("handler",), ("handler",))
        raise Violated("shown")

    baking = """
def handler():
    if not read("done"):
        boto3.client("sqs").list_queues()
        boto3.client("sqs").create_queue(QueueName="oven")
        write("done", 1)
    """
    calls = search(bench(baking), (one_bakes, ())).world.learner_calls()
    assert [c.operation for c in calls if c.caller.endswith("B")] == ["GetItem"]

    stops = {schedule.turns[0] for schedule in interleavings.first(calls)}

    assert ("A", 3) in stops  # before it writes that it is done, when the queue is there
