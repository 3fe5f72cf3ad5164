"""One restaurant for all tests: to make it takes longer than most of them. Each has its own orders."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

import localcloud
from operations.modules import SAGA
from tests.end_to_end.customer import Customer
from tests.end_to_end.restaurant import KeptTraces, Restaurant


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "end_to_end":
            item.add_marker(pytest.mark.xdist_group("restaurant"))


@pytest.fixture(scope="session")
def customer_server() -> Iterator[Customer]:
    """A customer's own server, which webhooks call."""
    with Customer() as customer:
        yield customer


@pytest.fixture(scope="session")
def opened(customer_server: Customer) -> Iterator[Restaurant]:
    """The restaurant with no more rights than its roles give: the engine enforces IAM."""
    with localcloud.start(iam=True) as cloud, KeptTraces() as traces:
        restaurant = Restaurant(cloud.account(), traces, TrustedHosts=customer_server.host)
        customer_server.agree_on_a_key(restaurant.account)
        yield restaurant
        # Whoever is refused may try again, or go on without: no other test need notice.
        assert restaurant.refused() == set()


@pytest.fixture
def restaurant(opened: Restaurant) -> Restaurant:
    """The restaurant with the saga that is deployed if nobody says otherwise."""
    opened.use_saga(SAGA)
    return opened


NUMBERS = itertools.count(1001)


@pytest.fixture
def number() -> Callable[[], str]:
    """Return a function that gives a new order number on each call."""
    return lambda: str(next(NUMBERS))
