"""One restaurant, deployed once by `pizza deploy` with IAM enforced, for all tests that need one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import localcloud
from localcloud.process import launch, share
from operations import engines, ordering
from operations.engines import Place
from tests.operations.deployment import pizza


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "operations":
            item.add_marker(pytest.mark.xdist_group("deployed"))


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
