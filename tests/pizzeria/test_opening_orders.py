from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from pizzeria.menu import InvalidOrder, sample_orders
from pizzeria.opening.orders import handler, place_order


def waiting(account) -> list[dict]:
    sqs = account.observer.client("sqs")
    url = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def test_a_placed_order_waits_in_the_queue_as_it_was_given(account):
    (order,) = sample_orders(1)
    assert place_order(order) == "1001"
    assert waiting(account) == [order]


def test_an_order_that_could_never_be_cooked_does_not_reach_the_queue(account):
    with pytest.raises(InvalidOrder):
        place_order({"order_id": "1001", "customer": "Ada", "pizza": "gravel", "quantity": 1})
    assert waiting(account) == []


def test_an_order_that_the_queue_refused_is_not_called_placed(account, monkeypatch):
    monkeypatch.setenv("ORDER_QUEUE_URL", account.cloud.endpoint_url + "/000000000000/no-such")
    with pytest.raises(ClientError):
        place_order(sample_orders(1)[0])


def test_the_service_is_known_by_name_in_the_call_log(account):
    place_order(sample_orders(1)[0])
    sent = [call for call in account.calls if call.operation == "SendMessage"]
    assert [(call.caller, call.resource, call.summary) for call in sent] == [
        ("orders", "orders", "order 1001")
    ]


def test_the_api_accepts_an_order_before_it_is_cooked(account):
    reply = handler({"body": json.dumps(sample_orders(1)[0])}, None)
    assert reply["statusCode"] == 202
    assert json.loads(reply["body"]) == {"order_id": "1001", "status": "ACCEPTED"}
    assert len(waiting(account)) == 1


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"body": "two pizzas, please"}, "must be JSON"),
        ({"body": "{}"}, "order_id"),
        ({}, "must be a JSON object"),
    ],
)
def test_the_api_says_what_is_wrong_with_an_order(account, event: dict, said: str):
    reply = handler(event, None)
    assert reply["statusCode"] == 400
    assert said in json.loads(reply["body"])["error"]
    assert waiting(account) == []
