"""One restaurant for all tests: to make it takes longer than most of them. Each has its own orders."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from customer import Customer
from restaurant import KeptTraces, Restaurant

import localcloud


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
    with localcloud.start() as cloud, KeptTraces() as traces:
        restaurant = Restaurant(cloud.account(), customer_server.host, traces)
        try:
            yield restaurant
        finally:
            restaurant.close()


@pytest.fixture
def restaurant(opened: Restaurant) -> Iterator[Restaurant]:
    """The restaurant with the saga by hand and everybody at work."""
    yield opened
    if opened.saga != "by_hand":
        opened.use_saga("by_hand")


NUMBERS = itertools.count(1001)


@pytest.fixture
def number() -> Callable[[], str]:
    """Return a function that gives a new order number on each call."""
    return lambda: str(next(NUMBERS))
