"""A submission that speaks on the grader's wire gains nothing by it and harms no one else."""

from __future__ import annotations

import pytest

from autograder.sandbox.outcome import from_reply, parse

SUBMISSION = """
import json
import os
import sys
import threading


def add(a, b):
    return a + b


def write_everywhere(text, upto=40):
    for number in range(3, upto):
        try:
            os.write(number, text.encode())
        except OSError:
            pass
    return "went on"


def open_descriptors():
    found = []
    for number in range(256):
        try:
            os.fstat(number)
            found.append(number)
        except OSError:
            pass
    return found


def request_in_hand():
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["request"]["id"]


def forge(value):
    reply = {"id": request_in_hand(), "kind": "returned", "value": value}
    os.write(3, json.dumps(reply).encode() + b"\\n")


def say(members):
    os.write(3, json.dumps({"id": request_in_hand(), **members}).encode() + b"\\n")


def close_the_wire():
    os.close(3)
    while True:
        pass


def flood():
    while True:
        os.write(3, b"x" * 65536)


def read_the_wire():
    return os.read(3, 1000).decode()
"""


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    return sandbox_of(SUBMISSION, services=[])


@pytest.fixture
def environment(sandbox):
    environment = sandbox.environment()
    yield environment
    environment.kill()


@pytest.fixture
def neighbour(sandbox):
    """Another environment of the same submission, in which nothing may go wrong."""
    neighbour = sandbox.environment()
    assert neighbour.invoke("add", 1, 1).value == 2
    yield neighbour
    assert neighbour.invoke("add", 2, 2).value == 4
    neighbour.kill()


def test_only_the_standard_streams_and_the_wire_are_open(environment):
    assert environment.invoke("open_descriptors").value == [0, 1, 2, 3]


GARBAGE = [
    "garbage\n",
    "{}\n",
    "[1, 2]\n",
    '{"id": "0", "kind": "returned", "value": "full marks"}\n',
    '{"id": null, "sleep": 1.0, "number": 1}\n',
    "[" * 100_000 + "\n",
    '{"id": ' + "9" * 5000 + "}\n",
    "\udcff".encode("utf-8", "surrogateescape").decode("latin-1") + "\n",
]


@pytest.mark.parametrize("text", GARBAGE)
def test_garbage_on_every_descriptor_ends_the_environment(environment, neighbour, text):
    outcome = environment.invoke("write_everywhere", text)
    assert outcome.kind == "protocol"
    assert outcome.value is None
    assert "and was stopped" in outcome.message
    assert not environment.alive


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "passed"},
        {"kind": "returned"},
        {"kind": "returned", "value": 1, "score": 100},
        {"kind": "killed", "signal": "SIGKILL", "by_grader": True},
        {"kind": "raised", "error": "all of it"},
        {"kind": "raised", "error": {"type": 1, "message": "", "frames": []}},
        {"kind": "raised", "error": {"type": "E", "message": "", "frames": [["1", 2, 3]]}},
        {"sleep": -1.0, "number": 1},
        {"sleep": "long", "number": 1},
        {"sleep": True, "number": 1},
    ],
)
def test_a_malformed_reply_ends_the_environment(environment, members):
    outcome = environment.invoke("say", members)
    assert outcome.kind == "protocol"
    assert not environment.alive


def test_a_forged_reply_is_worth_one_reply(environment, neighbour):
    """It says no more than returning the value would, and the true one after it is one too many."""
    assert environment.invoke("forge", "full marks").value == "full marks"
    outcome = environment.invoke("add", 1, 2)
    assert outcome.kind == "protocol"
    assert not environment.alive


def test_closing_the_wire_is_noticed(environment, neighbour):
    outcome = environment.invoke("close_the_wire", timeout=10)
    assert outcome.kind == "protocol"
    assert "closed its private connection" in outcome.message


def test_a_flood_on_the_wire_is_cut_off(environment, neighbour):
    outcome = environment.invoke("flood", timeout=10)
    assert (outcome.kind, environment.alive) == ("protocol", False)
    assert "too long" in outcome.message


def test_reading_the_wire_finds_nothing(environment):
    assert environment.invoke("read_the_wire", timeout=0.3).kind == "timed out"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"1",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "\\ud800"}',
        b'{"a": ' + b"1" * 401 + b"}",
        b"[" * 200_000 + b"]" * 200_000,
        b'{"a": ' * 200_000 + b"1" + b"}" * 200_000,
    ],
)
def test_what_could_hurt_the_grader_is_refused(line):
    with pytest.raises(ValueError):
        parse(line)


def test_replies_have_one_shape_for_each_kind():
    assert from_reply({"id": "1", "kind": "not found"}) == {"kind": "not found"}
    with pytest.raises(ValueError):
        from_reply({"id": "1", "kind": "exited", "exit_code": 0})
