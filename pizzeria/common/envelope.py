"""The envelope of every message: a CloudEvent (https://cloudevents.io) in structured JSON.

``type`` ends in the version of its data (``order.confirmed.v2``), ``subject`` is the order's number.
Extensions: ``correlationid``, ``replyto``, and ``traceparent``/``tracestate`` of who sent it
(https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from cloudevents.core.exceptions import BaseCloudEventException
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from pydantic import BaseModel, ConfigDict, ValidationError

from pizzeria.common import telemetry

SCHEMAS = "https://pizzeria.example/schemas"

Translated = TypeVar("Translated")


class Event(BaseModel):
    """The data of a message that a service owns. Subclasses name their ``TYPE``, version and all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    TYPE: ClassVar[str]


class Incoming(BaseModel):
    """What a service needs of somebody else's message; whatever else is in there is not its business."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Unreadable(ValueError):
    """A message that nobody here understands, however often it is delivered. Repeats none of its data."""


def wrap(
    event: Event,
    *,
    source: str,
    subject: str,
    correlation_id: str | None = None,
    reply_to: str | None = None,
    id: str | None = None,
) -> CloudEvent:
    """Return the message that carries an event, in the trace that is current."""
    extensions = {
        "id": id,
        "correlationid": correlation_id or subject,
        "replyto": reply_to,
        **telemetry.current_context(),
    }
    attributes: dict[str, Any] = {
        "type": event.TYPE,
        "source": source,
        "subject": subject,
        "datacontenttype": "application/json",
        "dataschema": f"{SCHEMAS}/{event.TYPE}.json",
        **{name: value for name, value in extensions.items() if value},
    }
    return CloudEvent(attributes, event.model_dump(mode="json", exclude_none=True))


def to_json(message: CloudEvent) -> str:
    """Return a message as the text that travels."""
    return JSONFormat().write(message).decode()


def from_json(text: str) -> CloudEvent:
    """Read a message; raises Unreadable."""
    try:
        message = JSONFormat().read(CloudEvent, text)
    except (ValueError, TypeError, AttributeError, BaseCloudEventException) as error:
        raise Unreadable(f"not a CloudEvent ({type(error).__name__})") from None
    assert isinstance(message, CloudEvent)
    return message


def translate(
    message: CloudEvent, translators: Mapping[str, Callable[[Any], Translated]]
) -> Translated:
    """Return what a message means here: the anti-corruption layer's one way in.

    `translators`: message type → function of the message's data. A type or a version that is not
    among them, and data that does not fit, raise Unreadable: the queue brings it to its dead
    letters, where it waits until there is a translator.
    """
    name = f"{message.get_type()} {message.get_id()}"
    if message.get_type() not in translators:
        raise Unreadable(f"{name}: understood here are {', '.join(sorted(translators))}")
    try:
        return translators[message.get_type()](message.get_data())
    except ValidationError as error:
        # Never the values: they may be somebody's address, and this text is logged.
        wrong = {".".join(map(str, e["loc"])) or "data": e["msg"] for e in error.errors()}
        told = "; ".join(f"{field}: {problem}" for field, problem in wrong.items())
        raise Unreadable(f"{name}: {told}") from None
