"""The kitchen where it is meant to run: in Lambda, fed by a queue."""

from __future__ import annotations

import json
import os
from datetime import timedelta

from operations import packaging
from operations.engines import Place
from pizzeria.menu import sample_orders
from pizzeria.opening.orders import place_order
from tests.operations.deployment import wait_until

POISON = {"order_id": "6666", "customer": "Ada", "pizza": "gravel", "quantity": 1}


def test_a_poison_order_ends_in_the_dead_letter_queue_and_every_other_is_cooked(account, cooked):
    sqs, functions = account.client("sqs"), account.client("lambda")
    queue = os.environ["ORDER_QUEUE_URL"]
    dlq = sqs.create_queue(QueueName="orders-dlq")["QueueUrl"]

    def attribute(url: str, name: str) -> str:
        return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]

    redrive = {"deadLetterTargetArn": attribute(dlq, "QueueArn"), "maxReceiveCount": 3}
    sqs.set_queue_attributes(
        QueueUrl=queue,
        Attributes={"RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": "60"},
    )
    place = Place("embedded", account.id, account.cloud.endpoint_url)
    functions.create_function(
        FunctionName="kitchen",
        Runtime="python3.12",
        Role=f"arn:aws:iam::{account.id}:role/kitchen",
        Handler="pizzeria.opening.kitchen.handler",
        Code={"ZipFile": packaging.package(place)},
        Environment={"Variables": {"KITCHEN_TABLE": "cooked"}},
        Timeout=10,
    )
    orders = sample_orders(9)
    for order in orders:
        place_order(order)
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(POISON))
    mapping = functions.create_event_source_mapping(
        EventSourceArn=attribute(queue, "QueueArn"),
        FunctionName="kitchen",
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    hidden, waiting = "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessages"
    try:
        for _ in range(3):
            # Only the poison order stays in flight: the others were cooked and deleted.
            wait_until(lambda: attribute(queue, hidden) == "1")
            account.cloud.clock.advance(timedelta(seconds=61))
        wait_until(lambda: attribute(dlq, waiting) == "1")
    finally:
        functions.delete_event_source_mapping(UUID=mapping["UUID"])
    assert sorted(cooked()) == [order["order_id"] for order in orders]
    writes = [c for c in account.calls if c.operation == "PutItem" and c.caller == "kitchen"]
    assert len(writes) == len(orders), "the good orders of the batch were not repeated"
    dead = sqs.receive_message(QueueUrl=dlq)["Messages"]
    assert json.loads(dead[0]["Body"]) == POISON
    assert (attribute(queue, waiting), attribute(queue, hidden)) == ("0", "0")
