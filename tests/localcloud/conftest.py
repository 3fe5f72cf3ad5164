"""Two kinds of test: what localcloud promises, and how engines behave.

    pytest tests/localcloud                          both, with the embedded engine
    AWS_ENDPOINT_URL=http://127.0.0.1:4566 \\
        pytest tests/localcloud --engine localstack  the behaviours, on LocalStack or what speaks like it
    ... --record tests/localcloud/results/FILE.json  and write down what each behaviour did

A behaviour that the engine is known to lack (`catalogue.yaml`) must fail; one that cannot be tried on
the engine, because it takes an hour or needs Docker, is skipped and recorded as untested.
"""

from __future__ import annotations

import io
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import botocore.exceptions
import catalogue
import pytest
from botocore.config import Config

import localcloud

_BEHAVIOURS = catalogue.HERE / "behaviours"
_RECORD = pytest.StashKey[catalogue.Record]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("engines")
    group.addoption("--engine", choices=("embedded", "localstack"), default="embedded")
    group.addoption("--record", metavar="FILE", type=Path)


def _engine(config: pytest.Config) -> str:
    # Unknown where pytest is started for all tests: this file is read too late for options then.
    return config.getoption("engine", "embedded")


def _is_behaviour(item: pytest.Item) -> bool:
    return _BEHAVIOURS in item.path.parents


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    ours = [item for item in items if catalogue.HERE in item.path.parents]
    if _engine(config) != "embedded":
        promises = [item for item in ours if not _is_behaviour(item)]
        config.hook.pytest_deselected(items=promises)
        items[:] = [item for item in items if item not in promises]
    tested = [item for item in ours if _is_behaviour(item)]
    if not tested:
        return
    name, version = catalogue.engine_under_test(_engine(config))
    known = {
        f"test_{behaviour.id}": note
        for behaviour in catalogue.behaviours()
        for engine, note in behaviour.lacks.items()
        if engine == f"{name} {version}"
    }
    for item in tested:
        if item.name in known:
            reason = (
                f"{name} lacks this: {known[item.name]} (If it works now, update catalogue.yaml.)"
            )
            failures = (AssertionError, botocore.exceptions.BotoCoreError, pytest.fail.Exception)
            failures += (botocore.exceptions.ClientError, OSError)
            item.add_marker(pytest.mark.xfail(reason=reason, raises=failures, strict=True))


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("record", None) and not hasattr(config, "workerinput"):
        name, version = catalogue.engine_under_test(_engine(config))
        today = datetime.now(timezone.utc).date().isoformat()
        config.stash[_RECORD] = catalogue.Record(name, version, today)
        config.pluginmanager.register(_Recorder(config), "behaviours-recorder")


class _Recorder:
    """Writes the record at the end, in the process that hears of all tests."""

    def __init__(self, config: pytest.Config):
        self._config = config
        self._found: dict[str, tuple[catalogue.Result, str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        path, _, test = report.nodeid.rpartition("::")
        if "/behaviours/" not in path:
            return
        behaviour = test.removeprefix("test_")
        if hasattr(report, "wasxfail") and report.skipped:
            self._found[behaviour] = ("lacks", "")
        elif report.skipped:
            reason = str(report.longrepr[2]).removeprefix("Skipped: ")
            self._found[behaviour] = ("untested", reason)
        elif report.when == "call" and report.passed:
            self._found[behaviour] = ("works", "")

    def pytest_sessionfinish(self) -> None:
        record = self._config.stash[_RECORD]
        for behaviour in catalogue.behaviours():
            if behaviour.id in self._found:
                result, note = self._found[behaviour.id]
                if result == "lacks":
                    note = behaviour.lacks[record.name]
                record.results[behaviour.id] = (result, note)
        record.write(self._config.getoption("record"))


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest) -> Iterator[localcloud.Cloud]:
    """The engine under test, shared by the tests of this process: each takes an account of its own."""
    with pytest.MonkeyPatch.context() as patch:
        if _engine(request.config) == "embedded":
            cloud = localcloud.start()
        else:
            patch.setenv("COURSE_ENGINE", "localstack")
            cloud = localcloud.connect()
        with cloud:
            yield cloud


@pytest.fixture
def account(cloud: localcloud.Cloud) -> localcloud.Account:
    """A fresh world on an engine that other tests use too: their accounts are apart, the clock is not."""
    return cloud.account()


@pytest.fixture
def queue(account: localcloud.Account) -> str:
    """The address of a queue ``orders``, made by nobody in the log."""
    return account.observer.client("sqs").create_queue(QueueName="orders")["QueueUrl"]


@pytest.fixture
def table(account: localcloud.Account) -> str:
    """The name of a table with the key ``order_id``, made by nobody in the log."""
    account.observer.client("dynamodb").create_table(
        TableName="cooked",
        KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "order_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return "cooked"


@pytest.fixture
def kitchen(account: localcloud.Account) -> localcloud.Caller:
    return account.caller("kitchen")


@pytest.fixture
def cook(kitchen: localcloud.Caller, table: str) -> Callable[..., None]:
    """Return a function that writes an order as the kitchen, without boto3 trying again."""
    dynamodb = kitchen.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))

    def put(order: str = "17") -> None:
        dynamodb.put_item(TableName=table, Item={"order_id": {"S": order}})

    put.exceptions = dynamodb.exceptions
    return put


@pytest.fixture
def cooked(account: localcloud.Account, table: str) -> Callable[[], list[str]]:
    """Return a function that reads the numbers of the orders in the table."""
    dynamodb = account.observer.client("dynamodb")

    def read() -> list[str]:
        return sorted(i["order_id"]["S"] for i in dynamodb.scan(TableName=table)["Items"])

    return read


@pytest.fixture
def lambda_package() -> Callable[[str], bytes]:
    """Return a function that packs the source of a module ``index`` as Lambda wants it."""

    def pack(source: str) -> bytes:
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("index.py", textwrap.dedent(source))
        return package.getvalue()

    return pack
