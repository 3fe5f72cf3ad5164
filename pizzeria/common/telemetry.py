"""Traces, with OpenTelemetry. Without ``OTEL_EXPORTER_OTLP_ENDPOINT`` nothing is recorded or sent.

Inside one conversation (a command, its reply) a consumer's span is the *child* of its sender's. Where
an event is published to whoever listens, the consumer starts a trace of its own with a *link* to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Literal

from opentelemetry import trace
from opentelemetry.trace import Link, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from cloudevents.core.v1.event import CloudEvent
    from opentelemetry.context import Context

Relation = Literal["child", "link"]

PATIENCE_S = 2
"""Seconds that an invocation waits for an endpoint that does not answer."""

_W3C = TraceContextTextMapPropagator()


@cache
def _tracer() -> trace.Tracer:
    if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:
        # The SDK costs every cold start a third of a second: only where it is wanted.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        service = os.environ.get("POWERTOOLS_SERVICE_NAME", "pizzeria")
        provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=PATIENCE_S)))
        trace.set_tracer_provider(provider)
    return trace.get_tracer("pizzeria")


def flush() -> None:
    """Send what was recorded. Call it before an invocation ends: Lambda freezes the process."""
    provider = trace.get_tracer_provider()
    if hasattr(provider, "force_flush"):
        provider.force_flush()


def current_context() -> dict[str, str]:
    """The current span as ``traceparent`` (and ``tracestate``); {} if nothing is recorded."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier


def context_of(message: CloudEvent) -> dict[str, str]:
    """Return the trace context that a message carries."""
    names = ("traceparent", "tracestate")
    return {n: str(message.get_extension(n)) for n in names if message.get_extension(n)}


@contextmanager
def span(
    name: str,
    *,
    origin: Mapping[str, str] | None = None,
    relation: Relation = "child",
    kind: SpanKind = SpanKind.INTERNAL,
    **attributes: str,
) -> Iterator[None]:
    """Record a piece of work; `origin` is the trace context of what caused it."""
    caused_by: Context | None = _W3C.extract(origin) if origin else None
    links = []
    if caused_by is not None and relation == "link":
        links = [Link(trace.get_current_span(caused_by).get_span_context())]
        caused_by = None
    dotted = {key.replace("__", "."): value for key, value in attributes.items()}
    with _tracer().start_as_current_span(
        name, context=caused_by, kind=kind, links=links, attributes=dotted
    ):
        yield


@contextmanager
def processing(message: CloudEvent, relation: Relation) -> Iterator[None]:
    """Record that a message is being processed, with the names of the semantic conventions.

    https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
    """
    with span(
        f"process {message.get_type()}",
        origin=context_of(message),
        relation=relation,
        kind=SpanKind.CONSUMER,
        messaging__system="aws_sqs",
        messaging__operation__type="process",
        messaging__message__id=message.get_id(),
        messaging__message__conversation_id=str(message.get_extension("correlationid")),
        cloudevents__event_type=message.get_type(),
        cloudevents__event_source=message.get_source(),
        order__id=str(message.get_subject()),
    ):
        yield
