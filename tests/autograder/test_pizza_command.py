"""The `pizza` command does what its help says."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from autograder import cli
from autograder.labs import load_lab
from autograder.starters import starter
from tests.autograder.conftest import COURSE, Pizza


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_engine_goes_up_answers_and_goes_down(pizza: Pizza, tmp_path: Path) -> None:
    port = free_port()
    up = pizza("up", "--port", str(port))
    assert up.code == 0, up.err
    assert pizza("status").code == 0
    key = re.search(r"AWS_ACCESS_KEY_ID=(\d{12})", up.out)
    assert key is not None
    sqs = boto3.client(
        "sqs",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id=key.group(1),
        aws_secret_access_key="test",
        region_name="us-east-1",
    )
    assert sqs.create_queue(QueueName="orders")["QueueUrl"].endswith("/orders")
    written_down = tmp_path / "state" / "pizza" / "engine.json"
    assert stat.S_IMODE(written_down.stat().st_mode) == 0o600
    assert "up already" in pizza("up", "--port", str(port)).out
    assert pizza("down").code == 0
    assert "No engine is up" in pizza("status").out
    assert pizza("down").out == "No engine is up.\n"


def test_a_port_that_is_taken_is_named_with_who_has_it(pizza: Pizza) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = pizza("up", "--port", str(port))
    assert run.code == 2
    assert f"Port {port} is taken by" in run.err and "Traceback" not in run.err


def test_doctor_finds_the_engine_and_says_what_containment_there_is(pizza: Pizza) -> None:
    run = pizza("doctor")
    assert run.code == 0, run.out
    assert "embedded engine: first call answered after" in run.out
    assert "contained" in run.out


def test_doctor_says_what_to_do_when_localstack_is_chosen_and_does_not_answer(
    pizza: Pizza, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from autograder import doctor

    monkeypatch.setenv("COURSE_ENGINE", "localstack")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    finding = doctor.examine()[-1]
    assert not finding.works and "docker compose up -d" in finding.remedy


def test_hints_come_one_at_a_time(pizza: Pizza) -> None:
    hints = load_lab("dlq").criterion("poison").hints
    outs = [pizza("hint", "dlq", "poison", *more).out for more in ([], ["-m"], ["-mm"])]
    shown = [" ".join(out.split()) for out in outs]
    for number, text in enumerate(shown, 1):
        assert all(hint in text for hint in hints[:number])
        assert not any(hint in text for hint in hints[number:])
    assert "pizza hint dlq poison -m" in shown[0] and "One step further" not in shown[2]


def test_hint_without_a_criterion_lists_them(pizza: Pizza) -> None:
    out = pizza("hint", "dlq").out
    assert all(criterion.id in out for criterion in load_lab("dlq").criteria)


def test_reset_puts_the_starter_back_and_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from autograder import labs

    for folder in ("labs", "autograder/starters"):
        shutil.copytree(COURSE / folder, tmp_path / folder)
    monkeypatch.setattr(labs, "COURSE", tmp_path)
    monkeypatch.setattr(cli, "COURSE", tmp_path)
    monkeypatch.setattr("autograder.starters.COURSE", tmp_path)
    labs.load_lab.cache_clear()
    mine = tmp_path / "labs/dlq/kitchen.py"
    mine.write_text("# an evening's work\n")
    assert CliRunner().invoke(cli.app, ["reset", "dlq"]).exit_code == 0
    assert mine.read_bytes() == starter(load_lab("dlq"))
    (backup,) = (tmp_path / ".pizza/backups/dlq").iterdir()
    assert backup.read_text() == "# an evening's work\n"
    assert "nothing to do" in CliRunner().invoke(cli.app, ["reset", "dlq"]).output
    labs.load_lab.cache_clear()


def test_grading_on_aws_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder.engines import open_engine
    from autograder.labs import BadInput

    monkeypatch.setenv("COURSE_ENGINE", "aws")
    with pytest.raises(BadInput, match="not graded on AWS"):
        open_engine(load_lab("dlq"))


def test_a_fault_of_the_tools_is_never_taken_for_a_failed_submission(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from typer.testing import CliRunner

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("autograder.checking.grade", broken)
    assert CliRunner().invoke(cli.app, ["check", "dlq"]).exit_code == 2


@pytest.mark.parametrize("printed", [[], ["--json"]])
def test_a_report_is_written_although_nobody_reads_what_is_printed(
    printed: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "kitchen.py"
    file.write_text("raise SystemExit\n")
    wanted = tmp_path / "report.json"
    reading, writing = os.pipe()
    os.close(reading)
    try:
        run = subprocess.run(
            [
                *(sys.executable, "-m", "autograder.cli", "check", "dlq", str(file)),
                *(*printed, "--report", f"json={wanted}"),
            ],
            cwd=COURSE,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        os.close(writing)
    assert json.loads(wanted.read_text(encoding="utf-8"))["verdict"] == "failed"
    assert "fault" not in run.stderr and "Traceback" not in run.stderr
