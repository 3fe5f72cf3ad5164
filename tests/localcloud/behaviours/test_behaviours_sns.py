"""What the course relies on in Amazon SNS: fan-out to queues, raw delivery, filters."""

import json


def _topic(world, name: str = "orders") -> str:
    return world.client("sns").create_topic(Name=name)["TopicArn"]


def _subscribe(world, topic: str, queue, **attributes: str) -> str:
    return world.client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue.arn,
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]


def _publish(world, topic: str, message: str = "order 17", **attributes: str | int) -> None:
    world.client("sns").publish(
        TopicArn=topic,
        Message=message,
        MessageAttributes={
            name: {
                "DataType": "Number" if isinstance(value, int) else "String",
                "StringValue": str(value),
            }
            for name, value in attributes.items()
        },
    )


def _delivered(world, queue, count: int) -> list[str]:
    """Wait for so many messages, then see that no more came."""
    found: list[str] = []

    def enough() -> bool:
        found.extend(queue.bodies())
        return len(found) >= count

    world.eventually(enough)
    return sorted(found + queue.bodies())


def test_sns_delivers_to_every_subscribed_queue(world):
    topic = _topic(world)
    loyalty, delivery = world.queue("loyalty"), world.queue("delivery")
    for queue in (loyalty, delivery):
        _subscribe(world, topic, queue, RawMessageDelivery="true")

    _publish(world, topic)

    assert _delivered(world, loyalty, 1) == ["order 17"]
    assert _delivered(world, delivery, 1) == ["order 17"]


def test_sns_wraps_a_message_unless_raw_delivery_is_on(world):
    topic = _topic(world)
    raw, wrapped = world.queue("raw"), world.queue("wrapped")
    _subscribe(world, topic, raw, RawMessageDelivery="true")
    _subscribe(world, topic, wrapped)

    _publish(world, topic, json.dumps({"order_id": "17"}), kind="order")

    received = world.eventually(lambda: raw.receive(MessageAttributeNames=["All"]))[0]
    assert json.loads(received["Body"]) == {"order_id": "17"}
    assert received["MessageAttributes"]["kind"]["StringValue"] == "order"
    envelope = json.loads(_delivered(world, wrapped, 1)[0])
    assert envelope["Type"] == "Notification"
    assert json.loads(envelope["Message"]) == {"order_id": "17"}
    assert envelope["MessageAttributes"]["kind"] == {"Type": "String", "Value": "order"}


def test_sns_filters_by_attributes(world):
    topic, queue = _topic(world), world.queue()
    policy = {
        "type": [{"prefix": "order."}],
        "city": [{"anything-but": ["Rome"]}],
        "amount": [{"numeric": [">=", 100]}],
        "coupon": [{"exists": False}],
    }
    _subscribe(world, topic, queue, RawMessageDelivery="true", FilterPolicy=json.dumps(policy))

    _publish(world, topic, "wrong type", type="refund", city="Bari", amount=120)
    _publish(world, topic, "wrong city", type="order.placed", city="Rome", amount=120)
    _publish(world, topic, "too small", type="order.placed", city="Bari", amount=99)
    _publish(world, topic, "coupon", type="order.placed", city="Bari", amount=120, coupon="A")
    _publish(world, topic, "right", type="order.placed", city="Bari", amount=100)

    assert _delivered(world, queue, 1) == ["right"]


def test_sns_filters_by_nested_body(world):
    topic, queue = _topic(world), world.queue()
    _subscribe(
        world,
        topic,
        queue,
        RawMessageDelivery="true",
        FilterPolicyScope="MessageBody",
        FilterPolicy=json.dumps({"order": {"amount": [{"numeric": [">", 50]}]}}),
    )
    small, large = (json.dumps({"order": {"amount": amount}}) for amount in (50, 51))

    _publish(world, topic, small)
    _publish(world, topic, large)

    assert _delivered(world, queue, 1) == [large]


def test_sns_keeps_what_it_cannot_deliver_in_a_dead_letter_queue(world):
    topic, queue, dead = _topic(world), world.queue(), world.queue("undelivered")
    _subscribe(
        world,
        topic,
        queue,
        RawMessageDelivery="true",
        RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn}),
    )
    queue.sqs.delete_queue(QueueUrl=queue.url)

    _publish(world, topic)

    assert _delivered(world, dead, 1) == ["order 17"]
