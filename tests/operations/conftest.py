"""One restaurant, deployed once by `pizza deploy` with IAM enforced, for all tests that need one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import localcloud
from autograder.cli import app
from localcloud.process import launch, share
from operations import engines, ordering
from operations.engines import Place

DEADLINE_S = 90


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "operations":
            item.add_marker(pytest.mark.xdist_group("deployed"))


def wait_until(condition: Callable[[], Any]) -> Any:
    """Wait in real time, in which functions run, for a condition to hold; return what it returned."""
    end = time.monotonic() + DEADLINE_S
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {DEADLINE_S} s: {condition}"
        time.sleep(0.1)
    return found


def pizza(*arguments: str) -> Result:
    """Run the `pizza` command."""
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What a shell has in which `pizza up` was run, for this process and those that it starts."""
    state: Path = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(state))
        patch.setenv("COURSE_ENGINE", "embedded")
        for name in ("AWS_ENDPOINT_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        yield {"XDG_STATE_HOME": str(state), "COURSE_ENGINE": "embedded"}


@pytest.fixture(scope="session")
def cloud(environment: dict[str, str]) -> Iterator[localcloud.Cloud]:
    """The shared engine, as `pizza up` would start it, but dying with the tests and enforcing IAM."""
    engine = launch(skip_waits=False, iam=True)
    share(engine)
    with localcloud.attach(engine) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def deployed(cloud: localcloud.Cloud) -> Place:
    """Where the whole restaurant stands."""
    done = pizza("deploy")
    assert done.exit_code == 0, done.output
    return engines.place()


@pytest.fixture(scope="session")
def client(deployed: Place) -> ordering.Client:
    return ordering.Client(deployed)
