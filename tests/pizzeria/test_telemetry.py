"""Traces: what belongs together is one trace, what was published is linked."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pizzeria.analytics import handler as analytics
from pizzeria.common import telemetry
from pizzeria.common.consuming import consume, logger
from pizzeria.common.envelope import wrap
from pizzeria.delivery import alerts
from pizzeria.delivery import handler as delivery
from pizzeria.kitchen import handler as kitchen
from pizzeria.loyalty import handler as loyalty
from pizzeria.notifications import handler as notifications
from pizzeria.notifications import webhooks
from pizzeria.saga import by_hand
from pizzeria.saga.events import CancelOrder


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", lambda: provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


def message():
    return wrap(CancelOrder(order_id="1001"), source="x", subject="1001")


def test_a_message_carries_the_trace_in_which_it_was_made(spans):
    with telemetry.span("POST /orders", order__id="1001"):
        context = trace.get_current_span().get_span_context()
        sent = message()
    span = f"00-{context.trace_id:032x}-{context.span_id:016x}-"
    assert str(sent.get_extension("traceparent")).startswith(span)


def test_without_a_trace_a_message_carries_none():
    assert message().get_extension("traceparent") is None


def test_a_command_is_processed_as_a_child_of_who_sent_it(spans, delivered):
    with telemetry.span("ask"):
        batch = delivered(message())
    consume(batch, lambda _: None, relation="child")
    asked, processed = spans.get_finished_spans()
    assert processed.context.trace_id == asked.context.trace_id
    assert processed.parent.span_id == asked.context.span_id


def test_an_event_is_processed_in_a_trace_of_its_own_with_a_link(spans, delivered):
    with telemetry.span("publish"):
        batch = delivered(message())
    consume(batch, lambda _: None)
    published, processed = spans.get_finished_spans()
    assert processed.parent is None
    assert processed.context.trace_id != published.context.trace_id
    assert [link.context.span_id for link in processed.links] == [published.context.span_id]


def test_a_span_says_what_was_processed_and_repeats_none_of_its_data(spans, delivered):
    consume(delivered(message()), lambda _: None)
    (span,) = spans.get_finished_spans()
    assert span.name == "process kitchen.cancel.v1"
    assert span.attributes["cloudevents.event_type"] == "kitchen.cancel.v1"
    assert span.attributes["order.id"] == "1001"
    assert span.attributes["messaging.message.conversation_id"] == "1001"


def test_a_failure_is_seen_in_the_trace_and_only_its_message_comes_again(spans, delivered):
    def fail_once(sent):
        if not spans.get_finished_spans():
            raise ValueError("the oven is out")

    failed = consume(delivered(message(), message()), fail_once)
    assert failed == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert [span.status.is_ok for span in spans.get_finished_spans()] == [False, True]


def test_only_each_messages_own_lines_of_the_log_name_it(monkeypatch, delivered):
    log = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", log)
    batch = delivered(message())
    batch["Records"].append({**batch["Records"][0], "messageId": "m2", "body": "two pizzas"})
    consume(batch, lambda _: None)
    done, not_done = log.getvalue().splitlines()
    assert '"correlation_id":"1001"' in done
    assert "correlation_id" not in not_done
    assert "not a CloudEvent" in not_done


def test_an_endpoint_that_does_not_answer_costs_an_invocation_two_seconds():
    program = """if True:
        import time
        from pizzeria.common import telemetry
        with telemetry.span("process"):
            pass
        began = time.monotonic()
        telemetry.flush()
        print(time.monotonic() - began)
        """
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": url}
        run = subprocess.run(
            [sys.executable, "-c", program],
            env=environment | {"PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
    assert 1.5 < float(run.stdout) < 8  # the SDK's own patience is ten


ADDRESS = "Vicolo Segreto 7"
FIELDS = (
    *("order_id", "customer", "pizza", "quantity", "total", "card", "wishes", "callback_url"),
    *("delivery", "reason", "at", "url", "told"),
)


@pytest.mark.parametrize(
    ("handler", "type"),
    [
        (kitchen.handler, "kitchen.cook.v1"),
        (kitchen.handler, "kitchen.cancel.v1"),
        (by_hand.start, "order.placed.v1"),
        (by_hand.resume, "kitchen.refused.v1"),
        (by_hand.resume, "saga.timeout.v1"),
        (loyalty.handler, "order.confirmed.v1"),
        (loyalty.handler, "order.confirmed.v2"),
        (delivery.handler, "order.confirmed.v2"),
        (alerts.handler, "delivery.alarm.v1"),
        (notifications.handler, "order.placed.v1"),
        (notifications.handler, "order.unheard-of.v1"),
        (webhooks.dispatch, "notifications.call.v1"),
        (analytics.handler, "order"),
    ],
)
def test_what_cannot_be_read_is_repeated_neither_in_the_log_nor_in_the_trace(
    handler: Callable, type: str, spans, delivered, monkeypatch
):
    """Whoever sends a message that is wrong may have put anything anywhere in it."""
    log = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", log)
    batch = delivered(message())
    (record,) = batch["Records"]
    body = json.loads(record["body"])
    record["body"] = json.dumps(
        {**body, "type": type, "data": {name: [ADDRESS] for name in FIELDS}}
    )
    monkeypatch.setattr("pizzeria.common.consuming.client", lambda _: FakeQueue())
    assert handler(batch, None) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    (span,) = spans.get_finished_spans()
    assert not span.status.is_ok
    assert "not done" in log.getvalue()
    assert ADDRESS not in log.getvalue() + span.to_json()


class FakeQueue:
    """Lets a message come again later, as some of the consumers ask for."""

    def get_queue_url(self, **_: str) -> dict[str, str]:
        return {"QueueUrl": "queue"}

    def change_message_visibility(self, **_: object) -> None:
        pass
