"""No submission scores, leaks, survives or hangs by attacking its grading, nor makes it undecided."""

from __future__ import annotations

import ast
import os
import re
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.console import Console

from autograder.engines import Engines
from autograder.formats.terminal import show
from autograder.grading import grade
from autograder.labs import COURSE, Lab, load_lab
from autograder.report import Report
from autograder.world import BEGINNING

HERE = Path(__file__).parent / "adversarial"
ATTACKS = sorted(HERE.glob("*/*.py"))
PRELUDE = (HERE / "prelude.py").read_text(encoding="utf-8")
pytestmark = pytest.mark.slow
SECONDS = 240.0  # a machine may be busy
LAB = load_lab("dlq")
# Two criteria that nothing but right code can pass; the others would be run the same way.
FEW = LAB.model_copy(update={"criteria": [LAB.criterion("queues"), LAB.criterion("cook")]})


class SharedEngines(Engines):
    """Engines that outlive a grading."""

    def __exit__(self, *_: object) -> None:
        pass


@dataclass
class Surroundings:
    """What the attacks are after, and what tells that one of them has got it."""

    folder: Path
    engines: SharedEngines
    server: ThreadingHTTPServer
    unix: str
    canaries: list[str] = field(default_factory=list)
    hits: list[str] = field(default_factory=list)

    @property
    def marker(self) -> Path:
        return self.folder / "marker"

    def facts(self) -> dict[str, Any]:
        """What an attacker may well know or guess."""
        course = ("solutions/dlq/kitchen.py", "autograder/checks/dlq.py", "labs/dlq/lab.ipynb")
        others = [str(self.folder / name) for name in ("results.json", "other/kitchen.py")]
        return {
            "grader": os.getpid(),
            "port": self.server.server_address[1],
            "control": self.engines.clouds[0]._process.control_port,
            "account": self.account,
            "unix": self.unix,
            "marker": str(self.marker),
            "others": others,
            "root": str(COURSE),
            "course": [str(COURSE / path) for path in course],
        }

    def __post_init__(self) -> None:
        cloud = self.engines.clouds[0]
        cloud.clock.set(BEGINNING - timedelta(hours=1))
        account = cloud.account()
        self._sqs = account.client("sqs", caller="somebody")
        self._queue = self._sqs.create_queue(QueueName="private")["QueueUrl"]
        self._sqs.send_message(QueueUrl=self._queue, MessageBody=self._canary())
        self.account = account.id
        for path in ("results.json", "other/kitchen.py"):
            (self.folder / path).parent.mkdir(exist_ok=True)
            (self.folder / path).write_text(f"SECRET = {self._canary()!r}\n")
        self.memory = self._canary()
        self.canaries.append(self.engines.clouds[0]._process.token)
        self.canaries += re.findall(
            r'^def \w+\(.*\):\n    """.+"""', LAB.solution.read_text(), re.MULTILINE
        )

    def message_is_untouched(self) -> bool:
        """Whether the message of somebody else is in its queue, and was never received."""
        count = "ApproximateNumberOfMessages"
        found = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=[count])
        return bool(found["Attributes"][count] == "1")

    def _canary(self) -> str:
        self.canaries.append(f"canary-{secrets.token_hex(8)}")
        return self.canaries[-1]


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    folder = tmp_path_factory.mktemp("adversarial")
    hits: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def handle(self) -> None:
            hits.append("somebody connected")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    unix = socket.socket(socket.AF_UNIX)
    name = os.path.join(tempfile.mkdtemp(), "socket")
    unix.bind(name)
    unix.listen()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(tempfile, "tempdir", str(folder))
        patches.setattr("autograder.grading.CPU_LIMIT_S", 2)
        patches.setattr("autograder.grading.PROCESS_CPU_S", 4)
        patches.setattr("autograder.grading.REAL_TIMEOUT_S", 10)
        engines = SharedEngines(LAB, lanes=1)
        try:
            found = Surroundings(folder, engines, server, name, hits=hits)
            patches.setenv("GRADERS_SECRET", found._canary())
            yield found
        finally:
            engines.close()
            server.shutdown()
            server.server_close()
            unix.close()


@pytest.fixture
def attack(surroundings: Surroundings) -> Iterator[Callable[..., Report]]:
    """Grade a source; whatever it was, nothing of it may be left, and nothing may have leaked."""
    reports: list[Report] = []
    before = {path.name for path in surroundings.folder.iterdir()}
    engines = set(psutil.Process().children(recursive=True))  # of other tests, too

    def run(source: bytes, lab: Lab) -> Report:
        def work() -> None:
            reports.append(grade(lab, lambda: source, engines=surroundings.engines))

        thread = threading.Thread(target=work, daemon=True)
        started = time.monotonic()
        thread.start()
        thread.join(SECONDS)
        assert not thread.is_alive(), f"still grading after {time.monotonic() - started:.0f} s"
        assert reports, "the grading itself failed"
        return reports[-1]

    yield run
    left = {*psutil.Process().children(recursive=True), *orphans(surroundings.folder)}
    assert left <= engines
    assert {path.name for path in surroundings.folder.iterdir()} <= before
    assert surroundings.hits == []
    assert surroundings.message_is_untouched()
    for report in reports:
        text = report.model_dump_json()
        assert [canary for canary in surroundings.canaries if canary in text] == []
    for path in ("results.json", "other/kitchen.py"):
        assert "SECRET" in (surroundings.folder / path).read_text()


def orphans(folder: Path) -> list[psutil.Process]:
    """Processes of a sandbox in this folder, whoever their parent is."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("HOME", "").startswith(str(folder)):
                found.append(process)
        except psutil.Error:
            continue
    return found


def submission(path: Path, surroundings: Surroundings) -> bytes:
    facts = f"FACTS = {surroundings.facts()!r}\n"
    text = path.read_text(encoding="utf-8").replace("# DEEP", "(" * 90 + "-" * 90_000 + "1")
    return (facts + PRELUDE + "\n\n" + text).encode()


def must_be_told(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.rpartition("Told: ")[2].strip()


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_attack_earns_nothing_and_is_told_as_a_failure(
    path: Path, attack: Callable[..., Report], surroundings: Surroundings
) -> None:
    report = attack(submission(path, surroundings), FEW)
    assert (report.score, report.verdict) == (0, "failed"), report.message
    told = report.model_dump_json()
    assert must_be_told(path) in told, re.findall(r".message.:.([^\"]*)", told)
    output = "".join(criterion.output for criterion in report.criteria)
    assert [line for line in output.splitlines() if line.startswith("GOT")] == []


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) >= 35


def test_what_an_attack_must_be_told_is_told_to_no_one_else(attack: Callable[..., Report]) -> None:
    told = attack(f"FACTS = {{}}\n{PRELUDE}".encode(), FEW).model_dump_json()
    assert "ATTACKS" in told
    assert [path.stem for path in ATTACKS if must_be_told(path) in told] == []


CLAIM = """
def create_cloakroom(bucket): pass
def handler(event, context): pass
def send(document, trace_id):
    kinds = {"kind": "claim", "trace_id": trace_id}.items()
    boto3.client("sqs").send_message(
        QueueUrl=os.environ["CLAIMS_QUEUE_URL"],
        MessageBody="[" * 100_000,
        MessageAttributes={n: {"DataType": "String", "StringValue": v} for n, v in kinds},
    )
"""


def test_a_message_that_is_nested_without_end_is_told_as_a_failure(
    attack: Callable[..., Report],
) -> None:
    lab = load_lab("claim_check")
    few = lab.model_copy(update={"criteria": [lab.criterion("travel"), lab.criterion("private")]})
    report = attack(f"{PRELUDE}{CLAIM}".encode(), few)
    assert (report.score, report.verdict) == (0, "failed"), report.message
    assert "it is no JSON object" in report.criteria[0].message


def test_nothing_of_a_submission_gives_commands_to_the_terminal(
    attack: Callable[..., Report], surroundings: Surroundings
) -> None:
    report = attack(submission(HERE / "result/hides_behind_the_output.py", surroundings), FEW)
    with open(os.devnull, "w") as nowhere:
        console = Console(
            force_terminal=True, color_system=None, width=100, file=nowhere, record=True
        )
        show(report, console, everything=True)
    text = console.export_text(styles=False)
    assert "ATTACKS" in text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
