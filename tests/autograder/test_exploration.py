"""What can go wrong is tried, the shortest history that breaks a check is found, always the same one."""

from __future__ import annotations

import json
import re
import time
from types import SimpleNamespace

import pytest
from counters import counters, make_table, search

from autograder import stops
from autograder.explore import (
    crash_pairs,
    crashes,
    refusals,
    refused_entries,
    stale_reads,
)
from autograder.history import tell
from autograder.search import find, run
from autograder.world import Violated, World

pytestmark = pytest.mark.xdist_group("exploration")


def invoked_until_it_returns(world: World) -> None:
    make_table(world)
    for _ in range(4):
        if world.invoke("handler").kind == "returned":
            return
    raise Violated("it never returns")


def both_equal(world: World) -> None:
    invoked_until_it_returns(world)
    if len(set(counters(world).values())) != 1:
        raise Violated(f"not equal: {counters(world)}")


# --- crashes ---

ONE_AFTER_THE_OTHER = """
def handler():
    write("a", read("a") + 1)
    write("b", read("b") + 1)
"""


def test_a_crash_between_two_writes_is_found_and_told(bench):
    finding = search(bench(ONE_AFTER_THE_OTHER), (both_equal, (crashes,)))

    assert "not equal" in (finding.violation or "")
    outcomes = [(c.operation, c.outcome) for c in finding.world.learner_calls()]
    assert outcomes[1] == ("PutItem", "killed after")


def test_crashes_that_leave_the_cloud_the_same_are_run_once(bench):
    def anything(world: World) -> None:
        invoked_until_it_returns(world)

    finding = search(bench(ONE_AFTER_THE_OTHER), (anything, (crashes,)))

    # Undisturbed, before the first call, after either write; not after the two reads.
    assert finding.holds and finding.runs == 4


SURVIVES_ONE_CRASH = """
def handler():
    begun = read("begun")
    write("begun", begun + 1)
    if begun < 2:
        write("a", 1)
        write("b", 1)
"""


def test_what_survives_one_crash_but_not_two_is_found_by_pairs(bench):
    def both_there(world: World) -> None:
        invoked_until_it_returns(world)
        if not {"a", "b"} <= set(counters(world)):
            raise Violated("not both there")

    benches = bench(SURVIVES_ONE_CRASH)
    assert search(benches, (both_there, (crashes,))).holds
    finding = search(benches, (both_there, (crash_pairs,)))

    assert finding.violation == "not both there"
    killed = [c for c in finding.world.learner_calls() if c.outcome == "killed after"]
    assert len(killed) == 2


def test_what_a_check_stumbles_over_is_told_as_a_failure(bench):
    def reads(world: World) -> None:
        world.variables["QUEUE"] = world.look("sqs").create_queue(QueueName="q")["QueueUrl"]
        world.invoke("handler")
        (message,) = world.take_all(world.variables["QUEUE"])
        json.loads(message["Body"])

    text = """
def handler():
    queue = os.environ["QUEUE"]
    boto3.client("sqs").send_message(QueueUrl=queue, MessageBody="[" * 100_000)
"""
    finding = search(bench(text), (reads, ()))
    assert "something there has another form" in (finding.violation or "")


# --- refusals ---


def test_a_lost_reply_that_is_counted_twice_is_found(bench):
    text = """
def handler():
    dynamodb.update_item(TableName="counters", Key={"id": {"S": "a"}},
        UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "1"}})
"""

    def counted_once(world: World) -> None:
        invoked_until_it_returns(world)
        if counters(world) != {"a": 1}:
            raise Violated(f"{counters(world)}")

    finding = search(bench(text), (counted_once, (refusals,)))

    assert finding.violation == "{'a': 2}"
    assert finding.world.learner_calls()[0].outcome == "reply lost"


def test_a_call_that_never_arrived_and_is_taken_for_done_is_found(bench):
    text = """
import botocore.exceptions

def handler():
    try:
        dynamodb.put_item(TableName="counters", Item={"id": {"S": "a"}, "n": {"N": "1"}})
    except botocore.exceptions.HTTPClientError:
        pass
"""

    def counted(world: World) -> None:
        invoked_until_it_returns(world)
        if counters(world) != {"a": 1}:
            raise Violated(f"{counters(world)}")

    finding = search(bench(text), (counted, (refusals,)))

    assert finding.violation == "{}"
    told = tell(finding.world.calls, finding.world.notes, "kitchen")
    assert "the connection is cut before DynamoDB does it (3 times)" in told[0]


READS_WHAT_IT_WROTE = """
def handler():
    write("a", 1)
    found = dynamodb.get_item(
        TableName="counters", Key={"id": {"S": "a"}}, ConsistentRead=CONSISTENT)
    write("b", 2 if "Item" in found else 1)
"""


@pytest.mark.parametrize("consistent", [False, True])
def test_a_read_that_misses_what_was_just_written_is_found_unless_it_is_consistent(
    bench, consistent
):
    text = READS_WHAT_IT_WROTE.replace("CONSISTENT", str(consistent))

    def one_more(world: World) -> None:
        invoked_until_it_returns(world)
        if counters(world) != {"a": 1, "b": 2}:
            raise Violated(f"{counters(world)}")

    finding = search(bench(text), (one_more, (stale_reads,)))

    assert finding.violation == (None if consistent else "{'a': 1, 'b': 1}")
    assert finding.runs == (1 if consistent else 2)
    if not consistent:
        told = tell(finding.world.calls, finding.world.notes, "kitchen")
        assert "the read is eventually consistent and misses the latest change" in told[1]


def test_of_two_workers_the_second_may_read_without_what_the_first_has_written(bench):
    text = """
def handler(who):
    if not read("a"):
        write("a", 1)
        write(who, 1)
"""

    def one_of_them(world: World) -> None:
        make_table(world)
        world.at_once(("handler", "one"), ("handler", "two"))
        if len(counters(world)) > 2:
            raise Violated(f"{sorted(counters(world))}")

    finding = search(bench(text), (one_of_them, (stale_reads,)))

    assert finding.violation == "['a', 'one', 'two']"


UNLOOKED_AT = """
def handler():
    boto3.client("sqs").send_message_batch(QueueUrl=os.environ["QUEUE"], Entries=[
        {"Id": str(n), "MessageBody": str(n)} for n in range(3)])
"""
LOOKED_AT = """
def handler():
    left = [{"Id": str(n), "MessageBody": str(n)} for n in range(3)]
    while left:
        reply = boto3.client("sqs").send_message_batch(QueueUrl=os.environ["QUEUE"], Entries=left)
        failed = {f["Id"] for f in reply.get("Failed", [])}
        left = [e for e in left if e["Id"] in failed]
"""


def three_arrive(world: World) -> None:
    world.variables["QUEUE"] = world.look("sqs").create_queue(QueueName="q")["QueueUrl"]
    world.invoke("handler")
    if len({m["Body"] for m in world.take_all(world.variables["QUEUE"])}) != 3:
        raise Violated("not all three")


def test_entries_that_were_not_taken_are_missed_by_who_does_not_look(bench):
    finding = search(bench(UNLOOKED_AT), (three_arrive, (refused_entries,)))

    assert finding.violation == "not all three"
    assert finding.world.learner_calls()[0].outcome == "entry 1 of 3 not taken"
    assert search(bench(LOOKED_AT), (three_arrive, (refused_entries,))).holds


# --- always the same ---

PATIENT = """
import time
from botocore.exceptions import BotoCoreError, ClientError

def handler():
    while True:
        try:
            return write("a", 1)
        except (BotoCoreError, ClientError):
            time.sleep(2)
"""


def test_an_outage_is_over_for_whoever_tries_long_enough(bench):
    def it_is_written(world: World) -> None:
        make_table(world)
        world.invoke("handler", limit_s=60 * 60)
        if counters(world) != {"a": 1}:
            raise Violated("it was not written")

    finding = search(bench(PATIENT), (it_is_written, (refusals,)))
    assert finding.holds and finding.runs == 6


MANY_BUGS = """
def handler():
    write("a", read("a") + 1)
    write("b", read("b") + 1)
    write("c", read("c") + 1)
"""


def all_one(world: World) -> None:
    invoked_until_it_returns(world)
    if counters(world) != {"a": 1, "b": 1, "c": 1}:
        raise Violated(f"{counters(world)}")


@pytest.mark.parametrize("lanes", [1, 2])
def test_the_shortest_history_is_the_same_with_one_lane_and_with_two(bench, lanes):
    benches = bench(MANY_BUGS, lanes)
    findings = [search(benches, (all_one, (refusals, crash_pairs))) for _ in range(3)]

    # 1 to 3: reading a is throttled, refused for good, out of reach; 4 to 7: writing it is, or loses
    # its reply once. 8: it loses all its replies, and a, which was written, is written again.
    assert {f.history.number for f in findings} == {1_01_000008}
    assert {f.violation for f in findings} == {"{'a': 2, 'b': 1, 'c': 1}"}
    assert len({f.runs for f in findings}) == 1


def test_a_history_in_which_the_grader_stood_still_is_run_again(bench, monkeypatch):
    stood_still, runs = [0.0], []
    wall_clock = SimpleNamespace(time=lambda: time.time() + stood_still[0])
    monkeypatch.setattr(stops, "time", wall_clock)

    def takes_long_once(world: World) -> None:
        runs.append(world)
        if len(runs) == 1:
            stood_still[0] += 60  # Ctrl-Z, and fg a minute later
            raise Violated("it does not come to an end")

    finding = search(bench("def handler(): pass"), (takes_long_once, ()))

    assert finding.holds
    assert (finding.runs, len(runs)) == (1, 2)


def test_what_depends_on_the_date_is_the_same_in_every_history(bench):
    days = []

    def weeks_go_by(world: World) -> None:
        outcome = world.invoke("handler")
        days.append((world.cloud.clock.now().strftime("%A %H:%M"), outcome.value))
        world.pass_time(40 * 24 * 60 * 60)

    text = """
import datetime
def handler():
    return str(datetime.date.today())
"""
    search(bench(text, 2), *[(weeks_go_by, ())] * 4)

    assert days == [("Friday 19:40", "2026-11-20")] * 4


def test_no_message_names_the_account_of_its_run(bench):
    def raises(world: World) -> None:
        world.invoke("handler")
        raise Violated(f"in account {world.account.id}, {world.outcome.message}")

    text = """
def handler():
    raise ValueError("account " + boto3.client("sts").get_caller_identity()["Account"])
"""
    finding = search(bench(text), (raises, ()))

    assert not re.search(r"\d{12}", finding.violation)
    assert "in account …, handler raised ValueError: account …" in finding.violation


def test_a_history_is_run_again_by_its_number(bench):
    (lane,) = bench(SURVIVES_ONE_CRASH)

    def both_there(world: World) -> None:
        invoked_until_it_returns(world)
        if not {"a", "b"} <= set(counters(world)):
            raise Violated("not both there")

    finding = search([lane], (both_there, (crash_pairs,)))
    again = find(finding.history.number, [("it", [(both_there, (crash_pairs,))])], lane)

    assert again is not None and again.schedule == finding.history.schedule
    assert run(again, lane).violation == finding.violation


@pytest.mark.parametrize("number", [0, 7, 1_01_0099, 2_01_000000, 1_09_0001])
def test_a_number_that_no_history_has_is_none(bench, number):
    (lane,) = bench(ONE_AFTER_THE_OTHER)

    assert find(number, [("it", [(both_equal, (crashes,))])], lane) is None
