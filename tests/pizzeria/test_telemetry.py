"""Traces: what belongs together is one trace, what was published is linked."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pizzeria.common import telemetry
from pizzeria.common.consuming import consume, logger
from pizzeria.common.envelope import wrap
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
