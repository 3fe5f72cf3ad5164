"""What the services know by themselves: nothing here needs AWS."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta, timezone

import pytest

from pizzeria.delivery.core import Delivery, alarm_time
from pizzeria.kitchen.core import OVEN, Ticket, answer, write_ticket
from pizzeria.kitchen.incoming import Cook
from pizzeria.loyalty.core import Purchase, points
from pizzeria.notifications.core import retry_after_s, sign, signing_key
from pizzeria.notifications.outward import PointsInward, is_public, target
from pizzeria.orders import core as orders
from pizzeria.payments import bank

NOON = datetime(2030, 1, 1, 12, tzinfo=timezone.utc)
REQUEST = {
    "order_id": "1001",
    "customer": "Ada",
    "pizza": "margherita",
    "quantity": 2,
    "card": "tok_visa",
}


def request(**changes) -> orders.OrderRequest:
    return orders.read_request(json.dumps({**REQUEST, **changes}))


# --- orders ---


def test_an_order_is_placed_with_its_price_and_without_its_secrets():
    asked = request(delivery={"address": "Via Roma 1", "at": "2030-01-01T19:30:00Z"})
    order, told = orders.place(asked, card="c1", address="a1", wishes="no basil")
    assert (order.status, order.cents, told.total.amount) == ("PLACED", 1700, "17.00")
    assert told.wishes == "no basil"
    assert told.delivery is not None
    assert told.delivery.address == "a1"
    for kept in (order, told):
        assert "tok_visa" not in kept.model_dump_json()
        assert "Via Roma" not in kept.model_dump_json()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pizza": "gravel"}, "pizza: is not on the menu"),
        ({"quantity": 0}, "quantity: Input should be greater than or equal to 1"),
        ({"quantity": 21}, "quantity: "),
        ({"quantity": "2"}, "quantity: Input should be a valid integer"),
        ({"quantity": True}, "quantity: "),
        ({"order_id": "10/01"}, "order_id: "),
        ({"customer": ""}, "customer: "),
        ({"card": "4000000000000002"}, "card: must be a payment token"),
        ({"card": None}, "card: must be a payment token"),
        ({"delivery": {"address": "x"}}, "delivery.address: "),
        ({"delivery": {"address": "Via Roma 1", "at": "2030-01-01T19:30:00"}}, "delivery.at: "),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
    ],
)
def test_what_is_no_order_is_refused_in_one_sentence(changes: dict, said: str):
    with pytest.raises(orders.InvalidOrder, match=said):
        request(**changes)


@pytest.mark.parametrize("body", ["", "two pizzas", "[]", "null"])
def test_what_is_no_json_object_is_refused(body: str):
    with pytest.raises(orders.InvalidOrder):
        orders.read_request(body)


def test_a_refusal_repeats_nothing_of_a_card_or_an_address():
    wrong = {"card": "4000000000000002", "delivery": {"address": "x", "at": "soon, at Via Roma 1"}}
    with pytest.raises(orders.InvalidOrder) as refused:
        request(**wrong)
    assert "4000" not in str(refused.value)
    assert "Via Roma" not in str(refused.value)


def test_an_order_is_confirmed_or_failed_and_stays_so():
    placed, _ = orders.place(request(), card="c1", address=None, wishes=None)
    confirmed, told = orders.decide(placed, "CONFIRMED")
    assert (confirmed.status, told.TYPE) == ("CONFIRMED", "order.confirmed.v2")
    assert orders.decide(confirmed, "CONFIRMED")[0] == confirmed
    with pytest.raises(orders.AlreadyDecided, match="1001 is CONFIRMED"):
        orders.decide(confirmed, "FAILED", "too late")


def test_a_failed_order_says_why():
    placed, _ = orders.place(request(), card="c1", address=None, wishes=None)
    failed, told = orders.decide(placed, "FAILED", "the card was declined")
    assert (failed.status, failed.reason) == ("FAILED", "the card was declined")
    assert told.TYPE == "order.failed.v1"


# --- kitchen ---


@pytest.mark.parametrize(("quantity", "status"), [(OVEN, "ACCEPTED"), (OVEN + 1, "REFUSED")])
def test_the_kitchen_accepts_what_fits_into_its_oven(quantity: int, status: str):
    order = Cook(order_id="1001", pizza="funghi", quantity=quantity)
    ticket = write_ticket(order, wishes="")
    assert ticket.status == status
    assert f"kitchen.{status.lower()}.v1" == answer(ticket).TYPE


def test_an_order_that_was_cancelled_before_it_came_is_refused():
    told = answer(Ticket(order_id="1001", status="CANCELLED"))
    assert told.TYPE == "kitchen.refused.v1"


# --- loyalty, payments, delivery ---


@pytest.mark.parametrize(("cents", "earned"), [(0, 0), (99, 0), (100, 1), (1799, 17)])
def test_there_is_one_point_for_each_whole_euro(cents: int, earned: int):
    assert points(Purchase(order_id="1001", customer="Ada", cents=cents)) == earned


def test_two_cards_have_a_will_of_their_own():
    bank.charge("tok_visa", "17.00", idempotency_key="1001")
    with pytest.raises(bank.Declined):
        bank.charge("tok_declined", "17.00", idempotency_key="1001")
    with pytest.raises(TimeoutError):
        bank.charge("tok_timeout", "17.00", idempotency_key="1001")


@pytest.mark.parametrize(
    ("minutes", "alarm"), [(None, None), (-5, None), (30, None), (31, 1), (120, 90)]
)
def test_a_delivery_is_announced_half_an_hour_before(minutes: int | None, alarm: int | None):
    at = None if minutes is None else NOON + timedelta(minutes=minutes)
    delivery = Delivery(order_id="1001", sealed_address="a1", at=at)
    expected = None if alarm is None else NOON + timedelta(minutes=alarm)
    assert alarm_time(delivery, NOON) == expected


# --- notifications ---


def test_a_call_is_signed_so_that_the_customer_can_check_it():
    key = signing_key(b"secret", "ada.example")
    wanted = hmac.new(key, b"1001-CONFIRMED.1700000000.{}", hashlib.sha256).digest()
    signature = sign(b"secret", "ada.example", "1001-CONFIRMED", 1700000000, "{}")
    assert signature == "v1," + base64.b64encode(wanted).decode()


def test_no_customer_can_sign_for_another():
    ours = sign(b"secret", "ada.example", "i", 1, "{}")
    assert ours != sign(b"secret", "bao.example", "i", 1, "{}")


def test_calls_that_fail_are_made_again_later_each_time():
    assert [retry_after_s(n) for n in (1, 2, 3)] == [10, 20, 40]
    assert retry_after_s(30) == 3600


PUBLIC = "93.184.215.14"


def test_a_public_server_is_called_at_the_address_that_was_looked_at():
    found = target("https://ada.example/told?order=1", lambda _: [PUBLIC])
    assert (found.host, found.port, found.address) == ("ada.example", 443, PUBLIC)
    assert found.path == "/told?order=1"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "not an address",
    ],
)
def test_a_name_that_leads_inward_is_refused(address: str):
    assert not is_public(address)
    with pytest.raises(PointsInward):
        target("https://ada.example/told", lambda _: [PUBLIC, address])


@pytest.mark.parametrize(
    "url",
    [
        "http://ada.example/told",
        "https://ada.example:8443/told",
        "https://ada:secret@ada.example/told",
        "https://127.0.0.1/told",
        "https://[::1]/told",
        "https://2130706433/told",
        "file:///etc/passwd",
        "gopher://ada.example/",
        "//ada.example/told",
        "https://",
        "https://[half",
        "https://ada.example:99999/",
        "",
    ],
)
def test_a_url_of_another_kind_is_refused(url: str):
    # As a resolver would: what is an address stays one, 2130706433 is 127.0.0.1 to many.
    inward = {"127.0.0.1": "127.0.0.1", "::1": "::1", "2130706433": "127.0.0.1"}
    with pytest.raises(PointsInward):
        target(url, lambda host: [inward.get(host, PUBLIC)] if host else [])


def test_our_own_servers_can_be_trusted_by_name_and_port():
    found = target("http://127.0.0.1:8000/told", lambda h: [h], trusted=["127.0.0.1:8000"])
    assert found.port == 8000
    with pytest.raises(PointsInward):
        target("http://127.0.0.1:8001/told", lambda h: [h], trusted=["127.0.0.1:8000"])
