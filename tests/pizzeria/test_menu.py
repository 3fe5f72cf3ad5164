from __future__ import annotations

import pytest

from pizzeria.menu import (
    CUSTOMERS,
    MAX_QUANTITY,
    MENU,
    InvalidOrder,
    check_order,
    sample_orders,
    total,
)

ORDER = {"order_id": "1001", "customer": "Ada", "pizza": "margherita", "quantity": 2}


def test_the_first_sample_order_is_the_one_the_chapters_tell_of():
    assert sample_orders(1) == [ORDER]


def test_sample_orders_are_the_same_wherever_one_starts_counting():
    assert sample_orders(60)[25:40] == sample_orders(15, first=1026)


def test_sample_orders_are_valid_numbered_in_a_row_and_varied():
    orders = sample_orders(140)
    assert [check_order(order)["order_id"] for order in orders] == [
        str(number) for number in range(1001, 1141)
    ]
    assert len({(o["customer"], o["pizza"], o["quantity"]) for o in orders}) > 100
    assert {o["customer"] for o in orders} == set(CUSTOMERS)
    assert {o["pizza"] for o in orders} == set(MENU)


def test_no_sample_orders_is_an_empty_list():
    assert sample_orders(0) == []


def test_an_order_costs_price_times_quantity_in_cents():
    assert total(ORDER) == 1700


def test_an_order_may_carry_fields_that_a_later_version_adds():
    assert check_order({**ORDER, "note": "no basil"})["note"] == "no basil"


@pytest.mark.parametrize("quantity", [1, MAX_QUANTITY])
def test_the_smallest_and_the_largest_quantity_are_taken(quantity: int):
    assert check_order({**ORDER, "quantity": quantity})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([], "must be a JSON object"),
        (None, "must be a JSON object"),
        ({}, "order without a number: order_id must be a text"),
        ({**ORDER, "order_id": 1001}, "order_id must be a text"),
        ({**ORDER, "order_id": ""}, "order_id must be a text"),
        ({**ORDER, "customer": None}, "order 1001: customer must be a text"),
        ({**ORDER, "pizza": "mushroom cloud"}, "order 1001: mushroom cloud is not on the menu"),
        ({**ORDER, "pizza": ["margherita"]}, "pizza must be a text"),
        ({**ORDER, "quantity": "2"}, "quantity must be a whole number from 1 to 20"),
        ({**ORDER, "quantity": 2.0}, "quantity must be a whole number"),
        ({**ORDER, "quantity": True}, "quantity must be a whole number"),
        ({**ORDER, "quantity": 0}, "quantity must be a whole number"),
        ({**ORDER, "quantity": MAX_QUANTITY + 1}, "quantity must be a whole number"),
        ({k: v for k, v in ORDER.items() if k != "quantity"}, "quantity must be"),
    ],
)
def test_what_is_no_order_is_refused_in_one_sentence(wrong: object, said: str):
    with pytest.raises(InvalidOrder, match=said):
        check_order(wrong)
