"""Spans arrive as they were recorded, whichever way they come."""

from __future__ import annotations

import gzip
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx
import psutil
import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanKind, Tracer

from operations import receiver, traces
from operations.receiver import Receiver
from operations.traces import Recorder, Span

PROTOBUF = {"content-type": "application/x-protobuf"}


@pytest.fixture
def open_receiver() -> Iterator[Receiver]:
    with Receiver() as opened:
        yield opened


def kitchen(*processors) -> Tracer:
    provider = TracerProvider(resource=Resource.create({"service.name": "kitchen"}))
    for processor in processors:
        provider.add_span_processor(processor)
    return provider.get_tracer("test")


def sent_to(url: str) -> Tracer:
    return kitchen(SimpleSpanProcessor(OTLPSpanExporter(f"{url}/v1/traces", timeout=5)))


def cook(tracer: Tracer) -> None:
    """Record a consumer's span with a link, a child, and a failure in it."""
    with tracer.start_as_current_span("publish") as published:
        link = Link(published.get_span_context())
    with (
        pytest.raises(ValueError),
        tracer.start_as_current_span(
            "process", links=[link], kind=SpanKind.CONSUMER, attributes={"order.id": "1001"}
        ),
        tracer.start_as_current_span("bake", attributes={"pizzas": 2, "hot": True}),
    ):
        raise ValueError("the oven is out")


def told(spans) -> tuple[Span, Span, Span]:
    return tuple(sorted(spans, key=lambda span: ["publish", "process", "bake"].index(span.name)))


def test_what_the_sdk_exports_is_kept_as_it_was_recorded(open_receiver: Receiver):
    cook(sent_to(open_receiver.url))
    publish, process, bake = told(open_receiver.spans)
    assert {span.service for span in open_receiver.spans} == {"kitchen"}
    assert bake.trace_id == process.trace_id != publish.trace_id
    assert (bake.parent_id, process.parent_id) == (process.span_id, "")
    assert process.links == ((publish.trace_id, publish.span_id),)
    assert (process.kind, bake.kind) == ("consumer", "internal")
    assert process.attributes == {"order.id": "1001"}
    assert bake.attributes == {"pizzas": 2, "hot": True}
    assert bake.error == "ValueError: the oven is out" and publish.error == ""
    assert process.start <= bake.start <= bake.end <= process.end
    assert abs(datetime.now(timezone.utc) - bake.end) < timedelta(minutes=1)


def test_a_span_written_down_is_the_same_when_read(open_receiver: Receiver):
    cook(sent_to(open_receiver.url))
    for span in open_receiver.spans:
        assert traces.from_json(traces.to_json(span)) == span


def exported() -> bytes:
    exporter = InMemorySpanExporter()
    cook(kitchen(SimpleSpanProcessor(exporter)))
    return encode_spans(exporter.get_finished_spans()).SerializeToString()


def test_a_compressed_request_is_read(open_receiver: Receiver):
    headers = {**PROTOBUF, "content-encoding": "gzip"}
    url = f"{open_receiver.url}/v1/traces"
    assert httpx.post(url, content=gzip.compress(exported()), headers=headers).status_code == 200
    assert len(open_receiver.spans) == 3


@pytest.mark.parametrize(
    ("path", "headers", "body", "code"),
    [
        ("/v1/metrics", PROTOBUF, b"", 404),
        ("/v1/traces", {"content-type": "application/json"}, b"{}", 415),
        ("/v1/traces", PROTOBUF, b"two pizzas", 400),
        ("/v1/traces", {**PROTOBUF, "content-encoding": "gzip"}, b"two pizzas", 400),
        ("/v1/traces", PROTOBUF, iter([b"of no length"]), 413),
    ],
)
def test_what_it_cannot_take_is_refused_with_a_sentence(
    open_receiver: Receiver, path, headers, body, code
):
    reply = httpx.post(open_receiver.url + path, content=body, headers=headers)
    assert reply.status_code == code
    assert len(reply.text.split()) > 2
    assert not open_receiver.spans


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(receiver, "MOST", 4)
    file = tmp_path / "traces.jsonl"
    kept = Receiver(file)
    for _ in range(4):
        kept.take(exported())
    lines = file.read_text().splitlines()
    assert len(kept.spans) == 4
    assert [traces.from_json(line) for line in lines][-4:] == list(kept.spans)
    assert len(lines) <= 8
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept._server.server_close()


def test_the_traces_of_an_order_are_whole_and_no_others():
    at = datetime(2026, 11, 20, 18, tzinfo=timezone.utc)

    def span(trace: str, number: int, **attributes: str) -> Span:
        start = at + timedelta(seconds=number)
        return Span(trace, str(number), "", (), "work", "x", "internal", start, start, attributes)

    mine = {"order.id": "1001"}
    spans = [span("b", 4, **mine), span("a", 2), span("c", 3), span("a", 1, **mine)]
    assert [s.span_id for s in traces.of_order(spans, "1001")] == ["1", "2", "4"]
    assert traces.of_order(spans, "10") == []


# --- in this process ---


def test_services_that_share_a_process_are_told_apart(monkeypatch):
    recorder = Recorder()
    tracer = kitchen(recorder)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "orders")
    with tracer.start_as_current_span("place"):
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "payments")
        with tracer.start_as_current_span("charge"):
            pass
    place, charge = recorder.spans
    assert (place.service, charge.service) == ("orders", "payments")
    assert charge.parent_id == place.span_id


def test_only_time_that_was_let_pass_is_recorded():
    moved = timedelta(0)
    recorder = Recorder(now=lambda: datetime.now(timezone.utc) + moved)
    tracer = kitchen(recorder)
    with tracer.start_as_current_span("place"):
        moved = timedelta(seconds=2)
    moved = timedelta(seconds=32)
    with tracer.start_as_current_span("cook"):
        pass
    place, cook = recorder.spans
    assert place.end - place.start == timedelta(seconds=2)
    assert cook.start - place.end == timedelta(seconds=30)
    assert cook.start == cook.end


# --- beside an engine ---


@pytest.fixture
def beside(tmp_path: Path, monkeypatch) -> Iterator[Callable[[], subprocess.Popen]]:
    """Return a function that starts a process, and a receiver beside it as `pizza up` does."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    started = []

    def start() -> subprocess.Popen:
        engine = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        started.append(engine)
        receiver.launch(engine.pid)
        return engine

    yield start
    receiver.stop()
    for engine in started:
        engine.kill()
        engine.communicate()


def test_beside_an_engine_spans_outlive_the_receiver(beside, monkeypatch):
    assert receiver.endpoint() is None
    beside()
    url = receiver.endpoint()
    assert url and url.startswith("http://127.0.0.1:")
    cook(sent_to(url))
    assert [span.name for span in receiver.kept()] == ["publish", "bake", "process"]
    receiver.stop()
    assert receiver.endpoint() is None
    assert len(list(receiver.kept())) == 3


def test_it_ends_with_its_engine(beside):
    engine = beside()
    found = receiver._running()
    assert found
    process: psutil.Process = found[0]
    engine.kill()
    engine.communicate()
    process.wait(10)
    assert receiver.endpoint() is None
