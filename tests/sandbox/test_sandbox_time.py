"""The learner lives on the emulated clock: sleeping moves it and takes no real time."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest

NOON = datetime(2031, 5, 17, 12, 0, tzinfo=timezone.utc)

SUBMISSION = """
import asyncio
import queue
import threading
import time
from datetime import date, datetime, timezone
from time import sleep

import boto3


def now():
    utc = datetime.now(timezone.utc).timestamp()
    return [time.time(), utc, datetime.utcnow().replace(tzinfo=timezone.utc).timestamp()]


def nap(seconds):
    before = time.time(), time.monotonic(), time.monotonic_ns(), time.perf_counter()
    time.sleep(seconds)
    after = time.time(), time.monotonic(), time.monotonic_ns() , time.perf_counter()
    return [later - earlier for earlier, later in zip(before, after)]


def nap_by_name(seconds):
    sleep(seconds)


def naps(count, seconds):
    for _ in range(count):
        sleep(seconds)


def bad(kind):
    sleep({"negative": -1, "nan": float("nan"), "absurd": 1e300, "text": "1"}[kind])


def poll():
    deadline, rounds = time.monotonic() + 60, 0
    while time.monotonic() < deadline:
        rounds += 1
        time.sleep(1)
    return rounds


def in_threads():
    threads = [threading.Thread(target=time.sleep, args=(1,)) for _ in range(5)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


def wait_for_event(seconds):
    return threading.Event().wait(seconds)


def wait_for_item(seconds):
    try:
        queue.Queue().get(timeout=seconds)
    except queue.Empty:
        return False


def sleep_in_a_loop(seconds):
    asyncio.run(asyncio.sleep(seconds))


def sleep_side_by_side(seconds):
    async def sleeps():
        await asyncio.gather(*(asyncio.sleep(seconds) for _ in range(3)))
        try:
            await asyncio.wait_for(asyncio.Event().wait(), seconds)
        except asyncio.TimeoutError:
            pass
    asyncio.run(sleeps())


def wait_for_a_thread():
    done = threading.Event()
    threading.Thread(target=lambda: sum(range(10**6)) and done.set()).start()
    return done.wait(3600)


def wait_for_a_thread_of_the_loop():
    return asyncio.run(asyncio.wait_for(asyncio.to_thread(sum, range(10**6)), 3600))


ticks = []


def leave_a_thread_behind():
    def tick():
        while True:
            ticks.append(time.time())
            time.sleep(1)
    threading.Thread(target=tick, daemon=True).start()


def tick_count():
    return len(ticks)


def call():
    try:
        boto3.client("sqs").list_queues()
    except Exception as error:
        return type(error).__name__, error.response["ResponseMetadata"]["RetryAttempts"]


def call_and_look():
    before = time.time(), time.monotonic()
    call()
    return [time.time() - before[0], time.monotonic() - before[1]]
"""


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    return sandbox_of(SUBMISSION)


@pytest.fixture
def environment(sandbox, endpoint):
    environment = sandbox.environment(endpoint.environ, now=NOON)
    yield environment
    environment.kill()


def test_every_clock_shows_the_emulated_time(environment):
    for shown in environment.invoke("now").value:
        assert 0 <= shown - NOON.timestamp() < 5


def test_a_warm_environment_is_set_to_the_engines_clock(environment):
    environment.invoke("now")
    later = NOON + timedelta(days=7)
    for shown in environment.invoke("now", now=later).value:
        assert 0 <= shown - later.timestamp() < 5


@pytest.mark.parametrize("function", ["nap", "nap_by_name"])
def test_an_hours_sleep_returns_at_once_and_moves_the_engines_clock(environment, function):
    slept = []
    outcome = environment.invoke(function, 3600, max_sleep=7200, on_sleep=slept.append)
    assert outcome.kind == "returned"
    assert slept == [3600.0]
    assert outcome.slept == 3600
    assert outcome.seconds < 2


@pytest.mark.parametrize(
    ("function", "seconds"),
    [
        ("wait_for_event", 300),
        ("wait_for_item", 300),
        ("sleep_in_a_loop", 300),
        ("sleep_side_by_side", 600),
    ],
)
def test_other_waits_are_sleeps_where_nothing_but_time_can_end_them(environment, function, seconds):
    outcome = environment.invoke(function, 300)
    assert outcome.kind == "returned" and not outcome.value
    assert outcome.slept == pytest.approx(seconds, abs=1)
    assert outcome.seconds < 2


@pytest.mark.parametrize("function", ["wait_for_a_thread", "wait_for_a_thread_of_the_loop"])
def test_what_another_thread_does_is_waited_for_in_real_time(environment, function):
    outcome = environment.invoke(function)
    assert outcome.value
    assert outcome.slept == 0


def test_all_clocks_move_by_what_was_slept(environment):
    wall, monotonic, monotonic_ns, counter = environment.invoke("nap", 90.5).value
    assert 90.5 <= wall < 92
    assert 90.5 <= monotonic < 92
    assert 90.5e9 <= monotonic_ns < 92e9
    assert 90.5 <= counter < 92


def test_after_a_sleep_all_clocks_have_moved_as_far_as_the_engine_s(environment):
    later = NOON + timedelta(hours=5)
    wall, monotonic, monotonic_ns, counter = environment.invoke(
        "nap", 1, on_sleep=lambda seconds: later
    ).value
    assert wall > 4 * 3600
    assert monotonic == pytest.approx(wall, abs=0.1)
    assert monotonic_ns / 1e9 == pytest.approx(wall, abs=0.1)
    assert counter == pytest.approx(wall, abs=0.1)


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        (str(NOON.timestamp() + 600), 598, 602),
        (str(NOON.timestamp() - 600), 0, 30),  # no clock goes back
        ("noon", 0, 30),
        ("nan", 0, 30),
    ],
)
def test_the_clocks_go_on_to_what_a_reply_says(environment, endpoint, told, least, most):
    endpoint.time = told
    try:
        for passed in environment.invoke("call_and_look", now=NOON).value:
            assert least <= passed <= most
    finally:
        endpoint.time = None


def test_a_deadline_on_the_monotonic_clock_is_reached_by_sleeping(environment):
    assert environment.invoke("poll").value in (59, 60)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("negative", "ValueError"),
        ("nan", "ValueError"),
        ("absurd", "OverflowError"),
        ("text", "TypeError"),
    ],
)
def test_a_bad_sleep_raises_what_python_raises(environment, kind, error):
    assert environment.invoke("bad", kind).error.type == error


def test_sleeping_longer_than_an_invocation_may_is_a_timeout(environment):
    slept = []
    outcome = environment.invoke("naps", 10, 400.0, on_sleep=slept.append)
    assert outcome.kind == "timed out"
    assert slept == [400, 400, 100]  # the engine's clock stands where Lambda would have given up
    assert outcome.slept == 900
    assert "slept 900 seconds" in outcome.message
    assert not environment.alive


def test_threads_may_sleep(environment):
    assert environment.invoke("in_threads").slept == 5


def test_a_thread_left_behind_is_frozen_until_the_next_invocation(environment):
    slept = []
    environment.invoke("leave_a_thread_behind", on_sleep=slept.append)
    at_the_end, then = len(slept), time.monotonic()
    while time.monotonic() < then + 0.1:
        pass
    assert len(slept) == at_the_end
    assert environment.invoke("tick_count", on_sleep=slept.append).kind == "returned"


def test_botocores_back_off_costs_no_real_time(environment, endpoint):
    endpoint.status, endpoint.count = 500, 0
    try:
        outcome = environment.invoke("call")
    finally:
        endpoint.status = 200
    assert outcome.value == ["ClientError", 4]
    assert endpoint.count == 5
    assert outcome.slept > 0
    assert outcome.seconds < 2


def test_a_failing_clock_of_the_grader_is_the_graders_error(sandbox):
    def fail(seconds):
        raise ConnectionError("the engine is gone")

    environment = sandbox.environment(now=NOON)
    with pytest.raises(ConnectionError):
        environment.invoke("nap", 1, on_sleep=fail)
    assert not environment.alive
