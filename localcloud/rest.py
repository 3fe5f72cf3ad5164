"""Names the operation of a request whose service has no other name for it than method and path.

boto3's own service models say which: ``POST /2015-03-31/functions/{FunctionName}/invocations`` is
Lambda's ``Invoke``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import NamedTuple

# Services that MiniStack does not tell apart.
_MODELS = {"apigateway": ("apigateway", "apigatewayv2")}


class _Operation(NamedTuple):
    name: str
    method: str
    path: re.Pattern[str]
    needs: frozenset[str]
    """Query parameters and headers that this operation, and no simpler one at this path, has."""


def rest_operation(service: str, method: str, path: str, given: Collection[str]) -> tuple[str, str]:
    """Return (service, operation) as boto3 names them; the operation is method and path if unknown.

    `given`: names of the request's query parameters and (in lower case) headers.
    """
    found: list[tuple[int, str, str]] = []
    for model in _MODELS.get(service, (service,)):
        for operation in _operations(model):
            if (
                operation.method == method
                and operation.needs.issubset(given)
                and operation.path.fullmatch(path)
            ):
                found.append((len(operation.needs), model, operation.name))
    if not found:
        return service, f"{method} {path}"
    _, model, name = max(found, key=lambda entry: entry[0])
    return model, name


@cache
def _operations(service: str) -> tuple[_Operation, ...]:
    import botocore.session

    session = botocore.session.get_session()
    if service not in session.get_available_services():
        return ()
    model = session.get_service_model(service)
    if not model.metadata["protocol"].startswith("rest"):
        return ()
    operations = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        if operation.deprecated:
            continue
        path, _, query = operation.http["requestUri"].partition("?")
        needs = {part.partition("=")[0] for part in query.split("&") if part}
        shape = operation.input_shape
        members = shape.required_members if shape is not None else []
        for member in members:
            assert shape is not None
            place = shape.members[member].serialization
            if place.get("location") in ("header", "querystring"):
                needs.add(place["name"].lower() if place["location"] == "header" else place["name"])
        pattern = re.sub(r"\\\{[^}]*\\\+\\\}", ".+", re.escape(path))
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", pattern)
        operations.append(
            _Operation(name, operation.http["method"], re.compile(pattern + "/?"), frozenset(needs))
        )
    return tuple(operations)
