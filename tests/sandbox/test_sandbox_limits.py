"""A submission can use up what is its own, and nothing else."""

from __future__ import annotations

import os
import threading

import pytest

from autograder.sandbox import Limits

SUBMISSION = """
import os
import signal
import sys
import threading
import time

hoard = []


def add(a, b):
    return a + b


def loop():
    for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    print("looping", flush=True)
    while True:
        pass


def burn_for(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def hang_in_c():
    import re
    print("thinking")
    re.match(r"(a+)+$", "a" * 40 + "b")


def keep_printing(megabytes):
    for _ in range(megabytes):
        sys.stdout.write("x" * (1 << 20))
    return "done"


def print_lines(count):
    for number in range(count):
        print("order", number)


def nap():
    print("going to bed")
    time.sleep(1)
    print("up again")


def hold_memory():
    while True:
        hoard.append(bytearray(1 << 24))


def waste_memory():
    size = 1
    while True:
        bytearray(size << 20)
        size *= 2


def burn():
    end = time.process_time() + 60
    while time.process_time() < end:
        pass


def fill(files, megabytes):
    for number in range(files):
        with open(f"file{number}", "wb") as file:
            for _ in range(megabytes):
                file.write(bytes(1 << 20))
    while True:
        pass


def open_many():
    try:
        while True:
            hoard.append(open("/dev/null"))
    except OSError as error:
        return [len(hoard), error.errno]


def make_threads():
    try:
        while True:
            threading.Thread(target=threading.Event().wait, daemon=True).start()
    except (RuntimeError, MemoryError):
        return threading.active_count()


def bury_deep():
    for _ in range(1500):
        os.mkdir("d")
        os.chdir("d")
    while True:
        pass


def close_doors():
    os.mkdir("closed", 0)
    open("closed-file", "w").close()


def overflow():
    import ctypes
    ctypes.string_at(0)


def refuse_to_flush():
    class Stubborn:
        def flush(self):
            raise SystemExit(5)
        def write(self, text):
            pass
    sys.stdout = Stubborn()
    return 1
"""


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    limits = Limits(memory_bytes=512 << 20, scratch_bytes=16 << 20, file_bytes=8 << 20)
    return sandbox_of(SUBMISSION, services=[], limits=limits)


@pytest.fixture
def environment(sandbox):
    environment = sandbox.environment()
    yield environment
    environment.kill()


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize(
    ("function", "words"), [("loop", "looping\n"), ("hang_in_c", "thinking\n")]
)
def test_an_endless_loop_is_cut_short(environment, function, words):
    outcome = environment.invoke(function, timeout=0.3)
    assert outcome.kind == "timed out"
    assert outcome.output == words
    assert 0.3 <= outcome.seconds < 1.5
    assert f"{function} did not finish within 0.3 seconds" in outcome.message
    assert not environment.alive
    assert is_gone(environment.pid)


def test_a_flood_of_output_is_dropped_and_blocks_nothing(environment):
    outcome = environment.invoke("keep_printing", 50)
    assert outcome.value == "done"
    assert len(outcome.output) < 70_000
    assert outcome.output.endswith(
        f"[{(50 << 20) - (64 << 10)} more bytes of output were dropped]\n"
    )
    assert outcome.seconds < 3
    assert environment.invoke("add", 1, 2).output == ""


def test_many_small_prints_are_quick_enough(environment):
    assert environment.invoke("print_lines", 100_000).seconds < 3


@pytest.mark.parametrize("function", ["hold_memory", "waste_memory"])
def test_a_memory_bomb_raises(environment, function):
    outcome = environment.invoke(function)
    assert (outcome.kind, outcome.error.type) == ("raised", "MemoryError")
    assert outcome.error.frames[-1].function == function


def test_cpu_time_is_bounded(sandbox_of):
    sandbox = sandbox_of(SUBMISSION, services=[], limits=Limits(cpu_seconds=1))
    outcome = sandbox.environment().invoke("burn", timeout=10)
    assert (outcome.kind, outcome.signal) == ("killed", "SIGXCPU")
    assert "processor time" in outcome.message


def test_processor_time_is_bounded_for_each_invocation_and_not_added_up(sandbox_of):
    environment = sandbox_of(SUBMISSION, services=[]).environment()
    for _ in range(4):
        assert environment.invoke("burn_for", 0.7, timeout=10, cpu=1).kind == "returned"
    outcome = environment.invoke("burn_for", 30, timeout=10, cpu=1)
    assert (outcome.kind, outcome.signal) == ("killed", "SIGXCPU")


def test_a_large_file_is_an_error(environment):
    assert environment.invoke("fill", 1, 9).error.type == "OSError"


def test_a_full_scratch_directory_ends_the_process(environment):
    outcome = environment.invoke("fill", 4, 7)
    assert outcome.kind == "protocol"
    assert "filled its scratch directory" in outcome.message
    assert not environment._scratch.exists()


def test_open_files_are_bounded(environment):
    count, error = environment.invoke("open_many").value
    assert 100 < count < 128
    assert error == 24


def test_threads_are_bounded_by_memory(environment):
    outcome = environment.invoke("make_threads")
    assert outcome.kind == "returned"
    assert 12 < outcome.value < 200


@pytest.mark.parametrize(
    ("function", "kind"), [("bury_deep", "protocol"), ("close_doors", "returned")]
)
def test_the_scratch_directory_is_removed_whatever_is_in_it(environment, function, kind):
    assert environment._scratch.exists()
    assert environment.invoke(function).kind == kind
    environment.kill()
    assert not environment._scratch.exists()


def test_a_crash_of_the_interpreter_is_named(environment):
    outcome = environment.invoke("overflow")
    assert (outcome.kind, outcome.signal) == ("killed", "SIGSEGV")


def test_a_broken_stdout_breaks_nothing_else(environment):
    assert environment.invoke("refuse_to_flush").value == 1
    assert environment.invoke("add", 1, 2).value == 3


def test_killing_from_another_thread_ends_the_invocation(environment):
    killer = threading.Timer(0.1, environment.kill)
    killer.start()
    outcome = environment.invoke("loop", timeout=10)
    killer.join()
    assert (outcome.kind, outcome.signal, outcome.by_grader) == ("killed", "SIGKILL", True)
    assert outcome.output == "looping\n"
    assert outcome.seconds < 5


def test_killing_while_the_learner_sleeps_ends_the_invocation(environment):
    outcome = environment.invoke("nap", on_sleep=lambda seconds: environment.kill())
    assert (outcome.kind, outcome.by_grader, outcome.output) == ("killed", True, "going to bed\n")


def test_after_kill_the_process_is_gone(environment):
    environment.invoke("add", 1, 2)
    environment.kill()
    assert is_gone(environment.pid)
    environment.kill()


def test_two_environments_run_at_the_same_time(sandbox):
    first, second = sandbox.environment(), sandbox.environment()
    thread = threading.Thread(target=first.invoke, args=("loop",), kwargs={"timeout": 60})
    thread.start()
    try:
        assert second.invoke("add", 1, 2, timeout=30).value == 3
        assert thread.is_alive()
    finally:
        first.kill()
        thread.join()
