"""What is no solution gets 0 points and one sentence; what is no submission gets exit code 2."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.grading import grade
from autograder.labs import Lab, load_lab
from tests.autograder.conftest import COURSE, Pizza

LAB = load_lab("dlq")
REFERENCE = (COURSE / "solutions/dlq/kitchen.py").read_text(encoding="utf-8")

SUBMISSIONS = {
    "an empty file": ("", "is empty"),
    "a syntax error": ("def handler(event, context:\n", "line 1"),
    "an import that does not exist": ("import pizzas\n", "No module named 'pizzas'"),
    "a missing function": ("def create_queue(prefix): ...\n", "no function named create_queues"),
    "os._exit on import": ("import os\nos._exit(0)\n", "ended itself with exit code 0"),
    "sys.exit on import": ("import sys\nsys.exit(0)\n", "ended itself with exit code 0"),
    # On a machine with a lot else to do its 30 real seconds may end before its ten of processor time.
    "an endless loop on import": (
        "while True: pass\n",
        "used all the processor time|did not finish within 30 seconds",
    ),
    "not UTF-8": ("\udcff\udcfe = 1\n", "kitchen.py could not be imported"),
}


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_a_module_that_cannot_be_loaded_has_0_points(
    name: str, pizza: Pizza, tmp_path: Path
) -> None:
    text, sentence = SUBMISSIONS[name]
    file = tmp_path / "kitchen.py"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    run = pizza("check", "dlq", str(file), "--json")
    assert run.code == 1
    assert run.report["score"] == 0 and run.report["verdict"] == "failed"
    assert re.search(sentence, run.report["message"])
    assert "Traceback" not in run.err


@pytest.mark.parametrize("leave", ["os._exit(0)", "sys.exit(0)", "os.kill(os.getpid(), 9)"])
def test_leaving_inside_a_function_earns_nothing(leave: str, pizza: Pizza, tmp_path: Path) -> None:
    file = tmp_path / "kitchen.py"
    functions = ("create_queues(prefix)", "handler(event, context)", "redrive(*args)")
    file.write_text(
        "import os, sys\n" + "".join(f"def {head}:\n    {leave}\n" for head in functions)
    )
    run = pizza("check", "dlq", str(file), "--json")
    assert run.code == 1 and run.report["score"] == 0


def few(*criteria: str) -> Lab:
    return LAB.model_copy(update={"criteria": [LAB.criterion(name) for name in criteria]})


def test_functions_that_never_end_earn_nothing_and_are_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("autograder.grading.CPU_LIMIT_S", 2)
    source = (
        REFERENCE
        + "\n\ndef handler(event, context):\n"
        + "    import signal\n"
        + "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        + "    while True: pass\n"
    )
    report = grade(few("queues", "cook", "crash"), source.encode)
    queues, cook, crash = report.criteria
    assert queues.status == "passed"
    for criterion in (cook, crash):
        assert criterion.status == "failed" and "does not come to an end" in criterion.message


def test_fifty_megabytes_of_output_are_cut_and_do_not_count_against_a_solution() -> None:
    source = (
        REFERENCE
        + "\n\n_handler = handler\n\n\ndef handler(event, context):\n"
        + "    print('x' * 50_000_000)\n    return _handler(event, context)\n"
        + "\n\ndef redrive(*args):\n    print('x' * 50_000_000)\n"
    )
    cook, redrive = (report := grade(few("cook", "redrive"), source.encode)).criteria
    assert cook.status == "passed"
    assert redrive.status == "failed" and "more bytes of output were dropped" in redrive.output
    assert len(report.model_dump_json()) < 1_000_000


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "dlk"], "did you mean “dlq”"),
        (["check", "dlq", "nowhere.py"], "There is no file nowhere.py"),
        (["check", "dlq", "."], "has no kitchen.py"),
        (["check", "dlq", "notes.txt"], "is not a Python file"),
        (["hint", "dlq", "poisson"], "did you mean “poison”"),
        (["check"], "Missing argument"),
        (["chek", "dlq"], "No such command"),
    ],
)
def test_a_command_line_that_cannot_be_followed_is_never_a_0(
    arguments: list[str], sentence: str, pizza: Pizza, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("cook pizza")
    run = pizza(*arguments)
    assert run.code == 2
    assert sentence in " ".join(run.err.split())
    assert "Traceback" not in run.err


def test_a_symbolic_link_to_the_solution_has_0_points(pizza: Pizza, tmp_path: Path) -> None:
    (tmp_path / "kitchen.py").symlink_to(COURSE / "solutions/dlq/kitchen.py")
    run = pizza("check", "dlq", str(tmp_path), "--json")
    assert run.code == 1 and run.report["score"] == 0
    assert "symbolic link" in run.report["message"]
