"""Each service at the edge to AWS: once is once, and what was refused is not taken for done."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

import localcloud
from pizzeria.analytics import handler as analytics
from pizzeria.common import claims, sealed
from pizzeria.common.envelope import wrap
from pizzeria.inventory import handler as inventory
from pizzeria.kitchen import handler as kitchen
from pizzeria.loyalty import handler as loyalty
from pizzeria.menu import sample_orders
from pizzeria.notifications import statuses
from pizzeria.notifications.core import Change
from pizzeria.orders import api, decisions
from pizzeria.orders.events import Money, OrderConfirmed
from pizzeria.payments import handler as payments
from pizzeria.saga.events import CancelOrder, CookOrder

DONE = {"outcome": "done"}
NONE_FAILED = {"batchItemFailures": []}
THROTTLED = localcloud.refuse("ProvisionedThroughputExceededException", times=None)


# --- orders ---

ORDER = {**sample_orders(1)[0], "card": "tok_visa", "delivery": {"address": "Via Roma 1"}}


def place(**changes) -> dict:
    return api.handler({"body": json.dumps({**ORDER, **changes})}, None)


def test_an_order_is_stored_together_with_the_event_that_tells_of_it(stores):
    reply = place()
    assert reply["statusCode"] == 202
    assert reply["headers"]["location"] == "/orders/1001/status"
    item = stores.table("orders")["1001"]
    assert item["status"] == "PLACED"
    assert json.loads(item["outbox"])["type"] == "order.placed.v1"


def test_neither_the_address_nor_the_card_is_stored_readably(stores):
    place()
    kept = str(stores.table("orders"))
    assert "Via Roma" not in kept
    assert "tok_visa" not in kept


def test_the_same_order_again_is_the_same_order(stores):
    place()
    first = stores.table("orders")["1001"]
    assert place()["statusCode"] == 202
    assert stores.table("orders")["1001"] == first


def test_another_order_under_a_number_that_is_taken_is_a_conflict(stores):
    place()
    assert place(quantity=3)["statusCode"] == 409
    assert stores.table("orders")["1001"]["quantity"] == 2


def test_what_is_no_order_is_answered_with_what_is_wrong(stores):
    reply = place(card="4000000000000002")
    assert reply["statusCode"] == 400
    assert "never a card's number" in json.loads(reply["body"])["error"]
    assert stores.table("orders") == {}


def test_an_order_that_could_not_be_stored_is_not_called_placed(stores):
    stores.account.caller("service").plan(THROTTLED)
    with pytest.raises(ClientError):
        place()


def test_an_order_is_decided_once(stores):
    place()
    confirm = {"decision": "CONFIRMED", "order_id": "1001"}
    assert decisions.handler(confirm, None) == DONE
    confirmed = stores.table("orders")["1001"]
    assert confirmed["status"] == "CONFIRMED"
    assert json.loads(confirmed["outbox"])["type"] == "order.confirmed.v2"
    assert decisions.handler(confirm, None) == DONE
    assert stores.table("orders")["1001"] == confirmed, "and told of once"


def test_an_order_is_not_decided_both_ways(stores):
    place()
    decisions.handler({"decision": "FAILED", "order_id": "1001", "reason": "no"}, None)
    with pytest.raises(Exception, match="1001 is FAILED and cannot become CONFIRMED"):
        decisions.handler({"decision": "CONFIRMED", "order_id": "1001"}, None)


# --- inventory ---

RESERVE = {"action": "reserve", "order_id": "1001", "pizza": "funghi", "quantity": 2}
RELEASE = {**RESERVE, "action": "release"}


def left(stores) -> int:
    return int(stores.table("inventory")["stock#funghi"]["available"])


@pytest.fixture
def stock(stores):
    stores.put("inventory", pk="stock#funghi", available=5)
    return stores


def test_stock_is_reserved_once_per_order(stock):
    assert inventory.handler(RESERVE, None) == DONE
    assert inventory.handler(RESERVE, None) == DONE
    assert left(stock) == 3


def test_what_is_not_there_is_not_reserved(stock):
    reply = inventory.handler({**RESERVE, "quantity": 6}, None)
    assert reply == {"outcome": "refused", "reason": "we are out of funghi"}
    assert left(stock) == 5
    assert "reservation#1001" not in stock.table("inventory")


def test_a_pizza_that_nobody_stocks_is_not_reserved(stock):
    assert inventory.handler({**RESERVE, "pizza": "gravel"}, None)["outcome"] == "refused"


def test_stock_is_given_back_once(stock):
    inventory.handler(RESERVE, None)
    assert inventory.handler(RELEASE, None) == DONE
    assert inventory.handler(RELEASE, None) == DONE
    assert left(stock) == 5


def test_a_reservation_that_comes_after_its_release_is_too_late(stock):
    assert inventory.handler(RELEASE, None) == DONE
    assert inventory.handler(RESERVE, None)["outcome"] == "refused"
    assert left(stock) == 5


@pytest.mark.parametrize("asked", [RESERVE, RELEASE])
def test_a_table_that_did_not_answer_is_no_refusal(stock, asked):
    stock.account.caller("service").plan(THROTTLED)
    with pytest.raises(ClientError):
        inventory.handler(asked, None)


# --- payments ---


def charge(card: str = "tok_visa", order_id: str = "1001") -> dict:
    token = sealed.seal(card, key_id=os.environ["CARD_KEY_ID"], order_id=order_id)
    asked = {"action": "charge", "order_id": order_id, "amount": "17.00", "card": token}
    return payments.handler(asked, None)


def refund() -> dict:
    return payments.handler({"action": "refund", "order_id": "1001"}, None)


@pytest.fixture
def bank(monkeypatch) -> list[str]:
    """Record what the bank is asked for."""
    asked: list[str] = []
    for name in ("charge", "refund"):
        real = getattr(payments.bank, name)

        def call(*args, name=name, real=real, **key):
            asked.append(f"{name} {key['idempotency_key']}")
            real(*args, **key)

        monkeypatch.setattr(payments.bank, name, call)
    return asked


def test_a_card_is_charged_once(stores, bank):
    assert charge() == charge() == DONE
    assert bank == ["charge 1001"]
    assert stores.table("payments")["1001"]["state"] == "CHARGED"


def test_a_declined_card_is_an_answer_and_stays_one(stores, bank):
    refused = {"outcome": "refused", "reason": "the card was declined"}
    assert charge("tok_declined") == refused
    assert charge("tok_declined") == refused
    assert bank == ["charge 1001"]


def test_a_bank_that_does_not_answer_is_an_error(stores):
    with pytest.raises(TimeoutError):
        charge("tok_timeout")
    assert stores.table("payments") == {}


def test_money_goes_back_and_no_charge_follows(stores, bank):
    charge()
    assert refund() == refund() == DONE
    assert charge()["outcome"] == "refused"
    assert bank == ["charge 1001", "refund 1001", "refund 1001"]
    assert stores.table("payments")["1001"]["state"] == "REFUNDED"


def test_a_charge_that_comes_after_its_refund_is_too_late(stores, bank):
    refund()
    assert charge()["outcome"] == "refused"
    assert bank == ["refund 1001"]


def test_a_refund_that_comes_while_the_bank_is_at_it_is_not_lost(stores, bank, monkeypatch):
    real = payments.bank.charge

    def charge_slowly(*args, **key):
        real(*args, **key)
        refund()

    monkeypatch.setattr(payments.bank, "charge", charge_slowly)
    assert charge()["outcome"] == "refused"
    assert bank[-1] == "refund 1001"


# --- kitchen ---


def cook(stores, **changes):
    order = CookOrder(**{"order_id": "1001", "pizza": "funghi", "quantity": 2, **changes})
    return wrap(order, source="x", subject="1001", correlation_id="c-1", reply_to=stores.queue)


def test_the_kitchen_answers_to_where_it_was_asked_to_with_what_it_came_with(stores, delivered):
    assert kitchen.handler(delivered(cook(stores)), None) == NONE_FAILED
    (answer,) = stores.received()
    assert (answer["type"], answer["correlationid"]) == ("kitchen.accepted.v1", "c-1")
    assert stores.table("kitchen")["1001"]["status"] == "ACCEPTED"


def test_an_order_that_comes_twice_is_cooked_once_and_answered_twice(stores, delivered):
    for _ in range(2):
        kitchen.handler(delivered(cook(stores)), None)
    assert [answer["type"] for answer in stores.received()] == ["kitchen.accepted.v1"] * 2
    assert len(stores.table("kitchen")) == 1


def test_what_the_kitchen_answered_once_it_does_not_take_back(stores, delivered):
    kitchen.handler(delivered(cook(stores)), None)
    kitchen.handler(delivered(cook(stores, quantity=99)), None)
    assert [answer["type"] for answer in stores.received()] == ["kitchen.accepted.v1"] * 2


def test_a_cancelled_order_is_refused_when_it_comes_late(stores, delivered):
    cancel = wrap(CancelOrder(order_id="1001"), source="x", subject="1001")
    kitchen.handler(delivered(cancel, cook(stores)), None)
    assert [answer["type"] for answer in stores.received()] == ["kitchen.refused.v1"]


def test_nobody_is_answered_who_did_not_ask_for_it(stores, delivered):
    order = CookOrder(order_id="1001", pizza="funghi", quantity=2)
    batch = delivered(wrap(order, source="x", subject="1001"))
    assert kitchen.handler(batch, None) == NONE_FAILED
    assert stores.received() == []


def test_a_bad_record_is_reported_alone(stores, delivered):
    batch = delivered(cook(stores), cook(stores))
    batch["Records"][0]["body"] = "two pizzas"
    assert kitchen.handler(batch, None) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert len(stores.received()) == 1


# --- loyalty and analytics ---


def confirmed(id: str, order_id: str = "1001"):
    event = OrderConfirmed(
        order_id=order_id,
        customer="Ada",
        pizza="funghi",
        quantity=1,
        total=Money(amount="9.90", currency="EUR"),
    )
    return wrap(event, source="x", subject=order_id, id=id)


def points_of_ada(stores) -> int:
    return int(stores.table("loyalty").get("customer#Ada", {}).get("points", 0))


def test_an_event_that_comes_twice_earns_points_once(stores, delivered):
    for _ in range(2):
        assert loyalty.handler(delivered(confirmed("e1"), confirmed("e1")), None) == NONE_FAILED
    assert points_of_ada(stores) == 9


def test_two_events_for_one_order_earn_points_once(stores, delivered):
    assert loyalty.handler(delivered(confirmed("e1"), confirmed("e2")), None) == NONE_FAILED
    assert points_of_ada(stores) == 9


def test_an_event_id_that_comes_with_another_order_earns_nothing_and_is_told(
    stores, delivered, caplog
):
    batch = delivered(confirmed("e1"), confirmed("e1", "1002"))
    assert loyalty.handler(batch, None) == NONE_FAILED
    assert points_of_ada(stores) == 9
    [told] = [record for record in caplog.records if record.levelname == "WARNING"]
    assert (told.message, told.order_id) == ("one event id, two orders", "1002")


def test_two_orders_earn_points_twice(stores, delivered):
    loyalty.handler(delivered(confirmed("e1"), confirmed("e2", "1002")), None)
    assert points_of_ada(stores) == 18


def test_the_same_event_at_the_same_moment_earns_points_once(stores, delivered):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: loyalty.handler(delivered(confirmed("e1")), None), range(8)))
    loyalty.handler(delivered(confirmed("e1")), None)
    assert points_of_ada(stores) == 9


def test_a_refused_transaction_comes_again_and_is_not_taken_for_a_repetition(stores, delivered):
    stores.account.caller("service").plan(THROTTLED)
    failed = {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert loyalty.handler(delivered(confirmed("e1")), None) == failed
    stores.account.caller("service").plan()
    assert loyalty.handler(delivered(confirmed("e1")), None) == NONE_FAILED
    assert points_of_ada(stores) == 9


def test_an_event_is_remembered_for_seven_days_and_an_order_for_good(stores, delivered, cloud):
    loyalty.handler(delivered(confirmed("e1")), None)
    items = stores.table("loyalty")
    kept = int(items["event#e1"]["expires_at"]) - cloud.clock.now().timestamp()
    assert abs(kept - timedelta(days=7).total_seconds()) < 24 * 3600
    assert "expires_at" not in items["order#1001"]


def test_analytics_counts_each_event_once_and_asks_for_no_more_than_its_type(stores, delivered):
    batch = delivered(confirmed("e1"), confirmed("e1"), confirmed("e2", "1002"))
    assert analytics.handler(batch, None) == NONE_FAILED
    counts = {k: v["heard"] for k, v in stores.table("analytics").items() if "heard" in v}
    assert [(kind.partition("#")[0], n) for kind, n in counts.items()] == [("order.confirmed", 2)]


# --- notifications ---


def test_a_status_never_goes_back_whatever_comes_late(stores, cloud):
    at = cloud.clock.now()
    for status in ("CONFIRMED", "PLACED", "DELIVERED", "DUE"):
        statuses.record(Change(order_id="1001", status=status), at)
    assert stores.table("status")["1001"]["status"] == "DELIVERED"


def test_a_url_that_comes_late_is_kept_all_the_same(stores, cloud):
    at = cloud.clock.now()
    statuses.record(Change(order_id="1001", status="CONFIRMED"), at)
    late = Change(order_id="1001", status="PLACED", callback_url="https://ada.example")
    statuses.record(late, at)
    item = stores.table("status")["1001"]
    assert (item["status"], item["callback_url"]) == ("CONFIRMED", "https://ada.example")


# --- seals and claims ---


def test_a_seal_opens_for_its_own_order_only(stores):
    key = os.environ["ADDRESS_KEY_ID"]
    letter = sealed.seal("Via Roma 1", key_id=key, order_id="1001")
    assert sealed.unseal(letter, key_id=key, order_id="1001") == "Via Roma 1"
    with pytest.raises(ClientError):
        sealed.unseal(letter, key_id=key, order_id="1002")


LIMIT = claims.LARGEST_INLINE


@pytest.mark.parametrize("text", ["", "no basil", "x" * LIMIT, "é" * (LIMIT // 2)])
def test_what_is_small_travels_itself(stores, text: str):
    assert claims.check_in(text, "1001") == text
    assert claims.redeem(text) == text


@pytest.mark.parametrize("text", ["x" * (LIMIT + 1), "é" * (LIMIT // 2) + "x"])
def test_what_is_large_is_checked_in_and_comes_back_as_it_was(stores, text: str):
    claim = claims.check_in(text, "1001")
    assert isinstance(claim, claims.Claim)
    assert len(claim.model_dump_json()) < 300
    assert claims.redeem(claim) == text
    assert claims.check_in(text, "1001") == claim, "checked in twice, it is the same coat"


def test_a_coat_that_is_gone_or_changed_is_not_handed_out(stores):
    claim = claims.check_in("x" * (LIMIT + 1), "1001")
    assert isinstance(claim, claims.Claim)
    s3 = stores.account.client("s3")
    s3.put_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=claim.key, Body=b"y" * (LIMIT + 1))
    with pytest.raises(claims.CoatGone, match="not what was checked in"):
        claims.redeem(claim)
    s3.delete_object(Bucket=os.environ["CLAIMS_BUCKET"], Key=claim.key)
    with pytest.raises(claims.CoatGone, match="not there any more"):
        claims.redeem(claim)
