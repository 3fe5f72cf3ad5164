"""`pizza trace` shows what the services of an order have sent."""

from __future__ import annotations

import io
import json
import socket
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Link
from rich.console import Console

from operations import order_trace, receiver
from operations.engines import Problem
from operations.traces import Recorder
from tests.autograder.conftest import Pizza, pizza  # noqa: F401 - a fixture


def service(name: str, url: str):
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    exporter = OTLPSpanExporter(f"{url}/v1/traces", timeout=5)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider.get_tracer("test")


def order(url: str, number: str) -> None:
    """An order that the kitchen fails to cook, and that loyalty hears of."""
    about = {"order.id": number}
    orders, kitchen, loyalty = (service(name, url) for name in ("orders", "kitchen", "loyalty"))
    with (
        orders.start_as_current_span("POST /orders", attributes=about) as placed,
        pytest.raises(ValueError),
        kitchen.start_as_current_span("cook", attributes=about),
    ):
        raise ValueError("the oven is out")
    link = [Link(placed.get_span_context())]
    with loyalty.start_as_current_span("award", links=link, attributes=about):
        pass


@pytest.fixture
def port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_from_up_to_down(pizza: Pizza, port: str, tmp_path: Path, monkeypatch) -> None:  # noqa: F811
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with pytest.raises(Problem, match="pizza up"):
        order_trace.find("1001")
    up = pizza("up", "--port", port)
    url = receiver.endpoint()
    assert url and f"export OTEL_EXPORTER_OTLP_ENDPOINT={url}" in up.out
    order(url, "1001")
    order(url, "1002")

    shown = pizza("trace", "1001", "--svg", str(tmp_path / "order.svg"))
    assert shown.code == 0, shown.err
    summary, _, post, cook, error, _, award, *_ = shown.out.splitlines()
    assert summary.startswith("Order 1001: 2 traces, 3 spans, ")
    assert post.startswith("orders POST /orders ")
    assert cook.startswith("  kitchen cook ") and "█" in cook
    assert error.strip() == "✕ ValueError: the oven is out"
    assert award.startswith("loyalty award ⇠ POST /orders")
    assert "award" in "".join(ET.parse(tmp_path / "order.svg").getroot().itertext())

    unknown = pizza("trace", "7")
    told = "No trace of order 7 was received; the latest orders are 1001, 1002."
    assert (unknown.code, " ".join(unknown.err.split())) == (2, told)

    assert pizza("down").code == 0
    assert receiver.endpoint() is None
    spans = order_trace.find("1002")  # what was received stays
    assert [span["name"] for span in json.loads(order_trace.as_json(spans))] == [
        "POST /orders",
        "cook",
        "award",
    ]
    with pytest.raises(Problem, match="cannot be written"):
        order_trace.save(spans, "1002", tmp_path / "no" / "order.svg")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_it_fits_the_terminal(width: int) -> None:
    provider = TracerProvider()
    recorder = Recorder()
    provider.add_span_processor(recorder)
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("a rather long name of a span, as there are"):
        for n in range(5):
            tracer.start_span(f"step {n}").end()
    said = io.StringIO()
    order_trace.show(recorder.spans, "1001", Console(file=said, width=width))
    lines = said.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert sum("█" in line for line in lines) == 6
