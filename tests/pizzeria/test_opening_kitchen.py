from __future__ import annotations

import json

import pytest

import localcloud
from pizzeria.menu import InvalidOrder, sample_orders
from pizzeria.opening.kitchen import cook, dynamodb, handler, parse_order

NOT_AN_ORDER = "two pizzas, please"


def test_cooking_turns_an_order_into_a_record_of_it():
    assert cook(sample_orders(1)[0]) == {
        "order_id": "1001",
        "pizza": "margherita",
        "quantity": 2,
        "status": "COOKED",
    }


def test_a_message_carries_an_order_as_json():
    (order,) = sample_orders(1)
    assert parse_order(json.dumps(order)) == order


@pytest.mark.parametrize("body", ["", NOT_AN_ORDER, "[]", '{"order_id": "1001"}'])
def test_a_message_that_carries_no_order_is_refused(body: str):
    with pytest.raises(InvalidOrder):
        parse_order(body)


def test_a_good_batch_is_cooked_and_nothing_is_reported(account, cooked, batch):
    assert handler(batch(*sample_orders(10)), None) == {"batchItemFailures": []}
    assert sorted(cooked()) == [str(number) for number in range(1001, 1011)]
    assert cooked()["1001"] == {
        "order_id": "1001",
        "pizza": "margherita",
        "quantity": "2",
        "status": "COOKED",
    }


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_bad_record_is_reported_alone_wherever_it_stands(account, cooked, batch, place: int):
    bodies: list = sample_orders(2)
    bodies.insert(place, NOT_AN_ORDER)
    assert handler(batch(*bodies), None) == {
        "batchItemFailures": [{"itemIdentifier": f"m{place + 1}"}]
    }
    assert sorted(cooked()) == ["1001", "1002"]


def test_an_order_delivered_twice_is_cooked_once_and_is_no_failure(account, cooked, batch):
    first, second = batch(*sample_orders(1)), batch(*sample_orders(1))
    handler(first, None)
    assert handler(second, None) == {"batchItemFailures": []}
    assert sorted(cooked()) == ["1001"]


def test_a_refused_write_makes_its_record_come_again(account, cooked, batch, monkeypatch):
    kitchen = account.caller("kitchen")
    monkeypatch.setenv("AWS_SESSION_TOKEN", kitchen.token)
    dynamodb.cache_clear()
    kitchen.plan(localcloud.refuse("AccessDeniedException", operation="PutItem"))
    assert handler(batch(*sample_orders(2)), None) == {
        "batchItemFailures": [{"itemIdentifier": "m1"}]
    }
    assert sorted(cooked()) == ["1002"]


def test_the_log_says_why_a_record_failed(account, batch, capsys):
    handler(batch({**sample_orders(1)[0], "pizza": "gravel"}), None)
    assert capsys.readouterr().out == "not cooked: order 1001: gravel is not on the menu\n"
