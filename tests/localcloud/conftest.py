"""Two kinds of test: what localcloud promises (embedded engine), and how engines behave (any engine).

    pytest tests/localcloud                                  both, with the embedded engine
    AWS_ENDPOINT_URL=http://127.0.0.1:4566 \\
        pytest tests/localcloud --engine localstack          behaviours on LocalStack, or what speaks its protocol
    ... --record tests/localcloud/results/some-engine.json   and write down what each behaviour did
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import localcloud


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("engines")
    group.addoption("--engine", choices=("embedded", "localstack"), default="embedded")
    group.addoption("--record", metavar="FILE")


@pytest.fixture(scope="session")
def cloud(request, monkeypatch_session) -> Iterator[localcloud.Cloud]:
    if request.config.getoption("engine", "embedded") == "embedded":
        cloud = localcloud.start()
    else:
        monkeypatch_session.setenv("COURSE_ENGINE", "localstack")
        cloud = localcloud.connect()
    with cloud:
        yield cloud


@pytest.fixture(scope="session")
def monkeypatch_session():
    with pytest.MonkeyPatch.context() as patch:
        yield patch
