"""The outbox: what is stored is published, and nothing else."""

from __future__ import annotations

import json

import pytest
from boto3.dynamodb.types import TypeSerializer

import localcloud
from pizzeria.common import outbox
from pizzeria.common.envelope import to_json, wrap
from pizzeria.orders.events import OrderFailed


def event(order_id: str = "1001", reason: str = "no") -> str:
    failed = OrderFailed(order_id=order_id, customer="Ada", reason=reason)
    return to_json(wrap(failed, source="pizzeria.orders", subject=order_id))


def record(order_id: str = "1001", **attributes: object) -> dict:
    """Return a record of the order table's stream, as Lambda hands it over."""
    image = {"order_id": order_id, **attributes}
    return {
        "eventName": "MODIFY",
        "dynamodb": {
            "Keys": {"order_id": {"S": order_id}},
            "NewImage": {k: TypeSerializer().serialize(v) for k, v in image.items()},
            "SequenceNumber": "1",
        },
    }


@pytest.fixture
def bus(stores, monkeypatch):
    """Return a function that takes what was published from a queue behind the bus."""
    events, sqs = stores.account.client("events"), stores.sqs
    found = sqs.get_queue_attributes(QueueUrl=stores.queue, AttributeNames=["QueueArn"])
    events.create_event_bus(Name="restaurant")
    every = json.dumps({"source": [{"prefix": ""}]})
    events.put_rule(Name="all", EventBusName="restaurant", EventPattern=every)
    target = {"Id": "q", "Arn": found["Attributes"]["QueueArn"], "InputPath": "$.detail"}
    events.put_targets(Rule="all", EventBusName="restaurant", Targets=[target])
    monkeypatch.setenv("EVENT_BUS", "restaurant")
    monkeypatch.setenv("TABLE", "orders")
    return stores.received


def publish(*records: dict) -> None:
    outbox.publish({"Records": list(records)})


def test_what_is_in_the_outbox_is_published_as_it_is_and_cleared(stores, bus):
    told = event()
    stores.put("orders", order_id="1001", outbox=told)
    publish(record(outbox=told))
    assert bus() == [json.loads(told)]
    assert "outbox" not in stores.table("orders")["1001"]


def test_published_again_it_has_the_same_id(stores, bus):
    told = event()
    for _ in range(2):
        publish(record(outbox=told))
    assert {message["id"] for message in bus()} == {json.loads(told)["id"]}


def test_a_newer_event_is_not_cleared_with_an_older_one(stores, bus):
    older, newer = event(reason="older"), event(reason="newer")
    stores.put("orders", order_id="1001", outbox=newer)
    publish(record(outbox=older))
    assert stores.table("orders")["1001"]["outbox"] == newer
    assert [m["data"]["reason"] for m in bus()] == ["older"]


def test_changes_without_an_event_and_removals_publish_nothing(stores, bus):
    removed = {"eventName": "REMOVE", "dynamodb": {"Keys": {}, "SequenceNumber": "1"}}
    publish(record(), removed)
    assert bus() == []


def test_twenty_five_events_are_published_in_order(stores, bus):
    publish(*[record(str(n), outbox=event(str(n))) for n in range(25)])
    published = bus() + bus() + bus()
    assert [message["subject"] for message in published] == [str(n) for n in range(25)]


def test_what_the_bus_refused_is_neither_cleared_nor_forgotten(stores, bus, monkeypatch):
    told = [event(str(n)) for n in range(3)]
    for n, text in enumerate(told):
        stores.put("orders", order_id=str(n), outbox=text)
    real = outbox.client("events")
    answers = [{"EventId": "1"}, {"ErrorCode": "InternalFailure"}, {"EventId": "3"}]
    monkeypatch.setattr(real, "put_events", lambda Entries: {"Entries": answers})
    with pytest.raises(outbox.NotPublished):
        publish(*[record(str(n), outbox=text) for n, text in enumerate(told)])
    kept = {n for n, item in stores.table("orders").items() if "outbox" in item}
    assert kept == {"1", "2"}


@pytest.mark.parametrize("operation", ["PutEvents", "UpdateItem"])
@pytest.mark.parametrize("lost", [False, True])
def test_a_failing_call_brings_the_batch_again_and_then_all_is_well(
    stores, bus, operation: str, lost: bool
):
    told = event()
    stores.put("orders", order_id="1001", outbox=told)
    service = stores.account.caller("service")
    fail = localcloud.lose_reply if lost else localcloud.refuse
    service.plan(fail(operation=operation, times=3))
    with pytest.raises(Exception, match=r".+"):
        publish(record(outbox=told))
    service.plan()
    publish(record(outbox=told))
    assert "outbox" not in stores.table("orders")["1001"]
    assert {message["id"] for message in bus()} == {json.loads(told)["id"]}
