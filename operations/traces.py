"""Traces as plain records: read from what OpenTelemetry exports (OTLP), or recorded in this process.

https://opentelemetry.io/docs/specs/otlp/
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_ERROR = trace_pb2.Status.STATUS_CODE_ERROR


@dataclass(frozen=True)
class Span:
    """A piece of work that somebody recorded; times are aware, in UTC, to the microsecond."""

    trace_id: str  # 32 hexadecimal digits
    span_id: str  # 16
    parent_id: str  # "" where it began the trace
    links: tuple[tuple[str, str], ...]  # the (trace_id, span_id) of each span that it is linked to
    name: str
    service: str
    kind: str  # "internal", "server", "client", "producer", "consumer" or "unspecified"
    start: datetime
    end: datetime
    attributes: dict[str, Any] = field(default_factory=dict)
    error: str = ""  # what went wrong; "" where nothing did


def read(body: bytes) -> list[Span]:
    """Return the spans of an OTLP export request in protobuf; raises ValueError if it is none."""
    try:
        return _spans(ExportTraceServiceRequest.FromString(body))
    except (DecodeError, OverflowError) as error:
        raise ValueError(f"not an OTLP export of traces ({error})") from None


def to_json(span: Span) -> str:
    """Return a span as one line of JSON."""
    return json.dumps(asdict(span), default=datetime.isoformat)


def from_json(line: str) -> Span:
    """Read what `to_json` wrote."""
    values = json.loads(line)
    for name in ("start", "end"):
        values[name] = datetime.fromisoformat(values[name])
    values["links"] = tuple((trace_id, span_id) for trace_id, span_id in values["links"])
    return Span(**values)


def of_order(spans: Iterable[Span], order_id: str) -> list[Span]:
    """Return the traces, whole and by time, that have something to do with an order."""
    spans = list(spans)
    traces = {s.trace_id for s in spans if s.attributes.get("order.id") == order_id}
    return sorted((s for s in spans if s.trace_id in traces), key=lambda span: span.start)


class Recorder(SpanProcessor):
    """Keeps the spans of this very process, where several services take turns in one.

    A span's service is what ``POWERTOOLS_SERVICE_NAME`` says as it starts. With the clock of an
    engine, ``now``, time is what that clock was moved by, in whole seconds: what this machine
    needed for the work is left out, so that the same run gives the same spans.
    """

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self.spans: list[Span] = []
        """All spans that have ended, in the order in which they started."""
        self._now = now
        self._began = datetime.now(timezone.utc)
        self._started: dict[int, tuple[int, str, datetime | None]] = {}
        self._places: list[int] = []

    def on_start(self, span: Any, parent_context: object = None) -> None:
        service = os.environ.get("POWERTOOLS_SERVICE_NAME", "")
        self._started[span.context.span_id] = (len(self._started), service, self._time())

    def on_end(self, span: ReadableSpan) -> None:
        assert span.context
        place, service, start = self._started[span.context.span_id]
        (ended,) = _spans(encode_spans([span]))
        end = self._time()
        if start and end:
            ended = replace(ended, start=start, end=end)
        after = sum(earlier < place for earlier in self._places)
        self._places.insert(after, place)
        self.spans.insert(after, replace(ended, service=service or ended.service))

    def _time(self) -> datetime | None:
        if self._now is None:
            return None
        moved = self._now() - datetime.now(timezone.utc)
        return self._began + timedelta(seconds=round(moved.total_seconds()))


def _spans(request: ExportTraceServiceRequest) -> list[Span]:
    return [
        _span(span, str(_values(group.resource.attributes).get("service.name", "")))
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]


def _span(span: trace_pb2.Span, service: str) -> Span:
    return Span(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
        name=span.name,
        service=service,
        kind=trace_pb2.Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        start=_time(span.start_time_unix_nano),
        end=_time(span.end_time_unix_nano),
        attributes=_values(span.attributes),
        error=(span.status.message or "error") if span.status.code == _ERROR else "",
    )


def _time(nanoseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def _values(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    return {attribute.key: _value(attribute.value) for attribute in attributes}


def _value(value: AnyValue) -> Any:
    """Return text, number or truth as it is; of anything else, what it reads like."""
    kind = value.WhichOneof("value")
    if kind in ("string_value", "bool_value", "int_value", "double_value"):
        return getattr(value, kind)
    if kind == "array_value":
        return [_value(element) for element in value.array_value.values]
    return str(value).strip()
