"""What services tell each other: schemas, envelopes, and what is understood on the other side."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import jsonschema
import pytest

import pizzeria.schemas
from pizzeria.common.claims import Claim
from pizzeria.common.envelope import Event, Unreadable, from_json, to_json, wrap
from pizzeria.delivery import incoming as delivery
from pizzeria.delivery.events import DeliveryAlarm, DeliveryCompleted, DeliveryDue
from pizzeria.kitchen import incoming as kitchen
from pizzeria.kitchen.events import OrderAccepted, OrderRefused
from pizzeria.loyalty import incoming as loyalty
from pizzeria.notifications import incoming as notifications
from pizzeria.notifications.events import CallCustomer, StatusChanged
from pizzeria.orders.events import (
    Delivery,
    Money,
    OrderConfirmed,
    OrderConfirmedV1,
    OrderFailed,
    OrderPlaced,
)
from pizzeria.saga import incoming as saga
from pizzeria.saga.events import CancelOrder, CookOrder, TimeIsUp
from pizzeria.schemas.__main__ import generate

SCHEMAS = Path(pizzeria.schemas.__file__).parent
AT = datetime(2030, 1, 1, 19, 30, tzinfo=timezone.utc)
ORDER = {"order_id": "1001", "customer": "Ada", "pizza": "margherita", "quantity": 2}
TO_THE_DOOR = Delivery(address="c2VhbGVk", at=AT)
SEVENTEEN = Money(amount="17.00", currency="EUR")
COAT = Claim(key="claims/1001/aa", size=40000, sha256="aa")

EVERYTHING: list[Event] = [
    OrderPlaced(
        **ORDER,
        total=SEVENTEEN,
        card="c2VhbGVk",
        wishes=COAT,
        callback_url="https://ada.example/told",
        delivery=TO_THE_DOOR,
    ),
    OrderConfirmedV1(**ORDER, total=1700, delivery=TO_THE_DOOR),
    OrderConfirmed(**ORDER, total=SEVENTEEN, delivery=TO_THE_DOOR),
    OrderFailed(order_id="1001", customer="Ada", reason="the card was declined"),
    CookOrder(order_id="1001", pizza="margherita", quantity=2, wishes="no basil"),
    CancelOrder(order_id="1001"),
    OrderAccepted(order_id="1001"),
    OrderRefused(order_id="1001", reason="the oven is out"),
    TimeIsUp(order_id="1001"),
    DeliveryAlarm(order_id="1001"),
    DeliveryDue(order_id="1001", at=AT),
    DeliveryCompleted(order_id="1001"),
    StatusChanged(order_id="1001", status="CONFIRMED"),
    CallCustomer(
        url="https://ada.example/told", told=StatusChanged(order_id="1001", status="CONFIRMED")
    ),
]
BY_TYPE = {event.TYPE: event for event in EVERYTHING}
UNDERSTOOD = [
    (kitchen.read, ["kitchen.cook.v1", "kitchen.cancel.v1"]),
    (saga.read_order, ["order.placed.v1"]),
    (saga.read_answer, ["kitchen.accepted.v1", "kitchen.refused.v1"]),
    (loyalty.read, ["order.confirmed.v1", "order.confirmed.v2"]),
    (delivery.read_order, ["order.confirmed.v1", "order.confirmed.v2"]),
    (delivery.read_alarm, ["delivery.alarm.v1"]),
    (
        notifications.read,
        [
            "order.placed.v1",
            "order.confirmed.v1",
            "order.confirmed.v2",
            "order.failed.v1",
            "delivery.due.v1",
            "delivery.completed.v1",
        ],
    ),
]


def travelled(event: Event, **more):
    """Return the message that carries an event, as it comes out at the other end."""
    return from_json(to_json(wrap(event, source="pizzeria.orders", subject="1001", **more)))


def test_every_message_is_tried_here():
    assert {event.TYPE for event in Event.__subclasses__()} == set(BY_TYPE)


def test_the_schemas_are_those_of_the_models():
    written = {path.name: path.read_text() for path in SCHEMAS.glob("*.json")}
    assert written == generate(), "run: python -m pizzeria.schemas"


@pytest.mark.parametrize("event", EVERYTHING, ids=lambda event: event.TYPE)
def test_every_message_fits_its_published_schema(event: Event):
    schema = json.loads((SCHEMAS / f"{event.TYPE}.json").read_text())
    message = json.loads(to_json(wrap(event, source="pizzeria.orders", subject="1001")))
    jsonschema.validate(message["data"], schema)
    assert message["dataschema"] == schema["$id"]


def test_the_envelope_is_a_cloud_event_with_what_a_reply_needs():
    message = travelled(
        CookOrder(order_id="1001", pizza="funghi", quantity=1),
        correlation_id="c-1",
        reply_to="https://queue",
    )
    attributes = message.get_attributes()
    assert attributes["specversion"] == "1.0"
    assert attributes["type"] == "kitchen.cook.v1"
    assert attributes["subject"] == "1001"
    assert (attributes["correlationid"], attributes["replyto"]) == ("c-1", "https://queue")
    assert message.get_data() == {"order_id": "1001", "pizza": "funghi", "quantity": 1}


def test_a_message_is_correlated_by_its_order_where_nothing_else_is_said():
    message = travelled(CancelOrder(order_id="1001"))
    assert message.get_extension("correlationid") == "1001"


@pytest.mark.parametrize(
    ("read", "type_"), [(read, type_) for read, types in UNDERSTOOD for type_ in types]
)
def test_what_one_service_says_another_understands(read, type_: str):
    read(travelled(BY_TYPE[type_]))


@pytest.mark.parametrize(("read", "types"), UNDERSTOOD)
def test_an_unknown_version_is_refused_with_what_is_known(read, types: list[str]):
    message = json.loads(to_json(wrap(BY_TYPE[types[0]], source="x", subject="1001")))
    message["type"] = types[0].rpartition(".")[0] + ".v9"
    with pytest.raises(Unreadable, match=types[0]):
        read(from_json(json.dumps(message)))


@pytest.mark.parametrize(("read", "types"), UNDERSTOOD)
def test_fields_that_are_added_upstream_do_not_matter(read, types: list[str]):
    message = json.loads(to_json(wrap(BY_TYPE[types[0]], source="x", subject="1001")))
    message["data"]["mood"] = "cheerful"
    read(from_json(json.dumps(message)))


@pytest.mark.parametrize(("read", "types"), UNDERSTOOD)
def test_a_missing_field_is_named_and_no_value_is_repeated(read, types: list[str]):
    message = json.loads(to_json(wrap(BY_TYPE[types[0]], source="x", subject="1001")))
    message["data"] = {"address": "Via Roma 1"}
    with pytest.raises(Unreadable, match="order_id: Field required") as refused:
        read(from_json(json.dumps(message)))
    assert "Via Roma" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "two pizzas", "[]", "null", "{}", '{"specversion": "1.0"}'])
def test_what_is_no_cloud_event_is_unreadable(text: str):
    with pytest.raises(Unreadable):
        from_json(text)


def test_both_versions_of_a_confirmation_mean_the_same_to_loyalty():
    old = loyalty.read(travelled(BY_TYPE["order.confirmed.v1"]))
    new = loyalty.read(travelled(BY_TYPE["order.confirmed.v2"]))
    assert old == new
    assert new.cents == 1700


def test_an_order_that_is_fetched_needs_no_delivery():
    fetched = OrderConfirmed(**ORDER, total=SEVENTEEN)
    assert delivery.read_order(travelled(fetched)) is None
