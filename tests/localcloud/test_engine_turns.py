"""Callers whose calls take effect in a given order, whatever their own speed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from localcloud import kill


@pytest.fixture
def table(account):
    account.client("dynamodb").create_table(
        TableName="written",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    account.forget_calls()


def _write(account, name: str, count: int) -> None:
    try:
        client = account.client("dynamodb", caller=name)
        for number in range(1, count + 1):
            client.put_item(TableName="written", Item={"id": {"S": f"{name}{number}"}})
    finally:
        account.finished(name)


def _written(account, counts: dict[str, int]) -> list[str]:
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(_write, account, name, count) for name, count in counts.items()]
    for each in running:
        each.result()
    return [call.summary for call in account.calls if call.operation == "PutItem"]


@pytest.mark.parametrize(
    "turns, order",
    [
        ([("A", None), ("B", None)], "A1 A2 A3 B1 B2 B3"),
        ([("B", None), ("A", None)], "B1 B2 B3 A1 A2 A3"),
        ([("A", 1), ("B", None), ("A", None)], "A1 B1 B2 B3 A2 A3"),
        ([("A", 2), ("B", 1), ("A", None), ("B", None)], "A1 A2 B1 A3 B2 B3"),
        ([("A", 0), ("B", 1), ("A", 1), ("B", 1), ("A", None)], "B1 A1 B2 A2 A3 B3"),
    ],
)
def test_calls_take_effect_in_turn(account, table, turns, order):
    account.take_turns(*turns)

    assert _written(account, {"A": 3, "B": 3}) == order.split()


def test_a_turn_for_more_calls_than_are_made_ends_with_its_caller(account, table):
    account.take_turns(("A", 9), ("B", None), ("A", None))

    assert _written(account, {"A": 1, "B": 2}) == ["A1", "B1", "B2"]


def test_who_has_no_turns_waits_for_nobody(account, table):
    account.take_turns(("A", 1), ("B", None))
    account.client("dynamodb", caller="C").put_item(TableName="written", Item={"id": {"S": "C1"}})

    assert [call.caller for call in account.calls] == ["C"]


def test_a_call_that_is_killed_in_its_turn_uses_it_up(account, table):
    account.take_turns(("A", 1), ("B", None))
    account.caller("A").plan(kill("before", at=1))  # nobody runs as A: only the call is cut off

    assert _written(account, {"A": 1, "B": 1}) == ["A1", "B1", "A1"], "boto3 tries it again"
    assert account.calls[0].outcome == "killed before"
