"""What SQS does with messages that take long to process, worked out second by second.

An exact model of a queue with a dead-letter queue, for pictures that must answer at once; the tests
hold it to a running engine. A received message is hidden for the visibility timeout. One that has
been received the maximum number of times goes to the dead-letter queue instead of to a consumer.

Two things are certain here that a standard queue on AWS leaves open: the oldest visible message
comes first, and an outdated receipt handle deletes nothing (AWS: it "might not" delete, see
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html).
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Delivery:
    """One receive of an order, and the pizza cooked for it; times in seconds from the start."""

    order: int
    kitchen: int
    nth: int  # which delivery of this order: 1, 2 …
    start: int
    end: int
    hidden_until: int
    deleted: bool = False  # whether its delete, at ``end``, removed the message


@dataclass
class Evening:
    """What came of it."""

    deliveries: list[Delivery] = field(default_factory=list)
    dead_letters: dict[int, int] = field(default_factory=dict)  # order: when it was moved

    @property
    def duplicates(self) -> int:
        """Pizzas cooked beyond the first of each order."""
        return sum(delivery.nth > 1 for delivery in self.deliveries)


@dataclass
class _Message:
    order: int
    visible_at: int = 0
    receives: int = 0
    latest: Delivery | None = None


def simulate(
    timeout: int, processing: int, orders: int = 3, kitchens: int = 2, max_receives: int = 3
) -> Evening:
    """Let kitchens work a queue down: receive one order, cook it, delete it, receive the next.

    All orders wait in the queue at the start; an idle kitchen polls all the time. ``timeout`` and
    ``processing`` are seconds. Where things fall on the same second, finished pizzas are deleted
    first. Every number must be at least 1, else ValueError.
    """
    if min(timeout, processing, orders, kitchens, max_receives) < 1:
        raise ValueError("Timeout, processing, orders, kitchens and receives must be at least 1.")
    queue = [_Message(order) for order in range(1, orders + 1)]
    busy: dict[int, tuple[_Message, Delivery]] = {}
    evening = Evening()
    now = 0
    while True:
        for kitchen, (message, delivery) in sorted(busy.items()):
            if delivery.end <= now:
                del busy[kitchen]
                if message in queue and message.latest is delivery:
                    queue.remove(message)
                    delivery.deleted = True
        idle = [kitchen for kitchen in range(1, kitchens + 1) if kitchen not in busy]
        for kitchen in idle:
            for message in [m for m in queue if m.visible_at <= now and m.receives >= max_receives]:
                queue.remove(message)
                evening.dead_letters[message.order] = now
            visible = [m for m in queue if m.visible_at <= now]
            if visible:
                oldest = visible[0]
                oldest.receives += 1
                oldest.visible_at = now + timeout
                oldest.latest = Delivery(
                    order=oldest.order,
                    kitchen=kitchen,
                    nth=oldest.receives,
                    start=now,
                    end=now + processing,
                    hidden_until=oldest.visible_at,
                )
                evening.deliveries.append(oldest.latest)
                busy[kitchen] = (oldest, oldest.latest)
        events = [delivery.end for _, delivery in busy.values()]
        if len(busy) < kitchens:
            events += [message.visible_at for message in queue]
        if not events:
            return evening
        now = min(events)
