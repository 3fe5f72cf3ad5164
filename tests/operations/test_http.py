"""The OpenAPI file and the collection say what the deployed API does."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

from operations.ordering import Client
from operations.packaging import PIZZERIA
from pizzeria.menu import MENU
from pizzeria.orders.core import OrderRequest
from tests.operations.deployment import wait_until

OPENAPI = yaml.safe_load((PIZZERIA / "http" / "openapi.yaml").read_text())
COLLECTION = json.loads((PIZZERIA / "http" / "postman_collection.json").read_text())


def test_the_order_is_described_as_the_code_reads_it():
    described = OPENAPI["components"]["schemas"]["Order"]
    read = OrderRequest.model_json_schema()
    assert described["properties"].keys() == read["properties"].keys()
    assert set(described["required"]) == set(read["required"])
    assert described["properties"]["pizza"]["enum"] == list(MENU)
    for name in ("pattern", "minLength", "maxLength", "minimum", "maximum"):
        for field, shape in read["properties"].items():
            if name in shape:
                assert described["properties"][field][name] == shape[name]


def test_every_operation_is_requested_by_the_collection():
    requested = {(r["method"], template(r["url"]["raw"])) for r in requests()}
    described = {
        (method.upper(), path)
        for path, methods in OPENAPI["paths"].items()
        for method in methods
        if method != "parameters"
    }
    assert requested == described


@pytest.mark.slow
def test_the_requests_of_the_collection_are_answered_as_they_say(client: Client):
    values = {"api": client.url, "order_id": "2001"}
    for item in COLLECTION["item"]:
        expected = item["response"][0]["code"]
        answered = wait_until(lambda item=item, code=expected: send(item, values, code))
        jsonschema.validate(answered.json(), schema(item["request"], expected))


def send(item: dict[str, Any], values: dict[str, str], expected: int) -> httpx.Response | None:
    """Send a request; return its answer, None where what it asks for is not there yet."""
    request = item["request"]
    answer = httpx.request(
        request["method"],
        filled(request["url"]["raw"], values),
        content=filled(request.get("body", {}).get("raw", ""), values),
        headers={header["key"]: header["value"] for header in request["header"]},
        timeout=60,
    )
    if answer.status_code == 404 != expected:
        return None
    assert answer.status_code == expected, f"{item['name']}: {answer.text}"
    return answer


def requests() -> list[dict[str, Any]]:
    return [item["request"] for item in COLLECTION["item"]]


def template(url: str) -> str:
    """Return a collection's URL as OpenAPI writes its path."""
    path = url.removeprefix("{{api}}").replace("-nobody", "")
    return path.replace("{{order_id}}", "{order_id}")


def filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def schema(request: dict[str, Any], code: int) -> dict[str, Any]:
    """Return the schema of an answer, with all that it refers to."""
    operation = OPENAPI["paths"][template(request["url"]["raw"])][request["method"].lower()]
    answer = operation["responses"][str(code)]
    if "$ref" in answer:
        answer = OPENAPI["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    found = answer["content"]["application/json"]["schema"]
    return {**found, "components": OPENAPI["components"]}
