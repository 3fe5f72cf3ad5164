"""Write the JSON Schemas anew: ``python -m pizzeria.schemas``."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

from pizzeria.common.envelope import SCHEMAS, Event

OWNERS = ("orders", "kitchen", "saga", "delivery", "notifications")


def generate() -> dict[str, str]:
    """Return the schemas as they should be: file name → content."""
    for owner in OWNERS:
        import_module(f"pizzeria.{owner}.events")
    schemas = {}
    for event in Event.__subclasses__():
        name = f"{event.TYPE}.json"
        head = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"{SCHEMAS}/{name}",
        }
        schemas[name] = json.dumps(head | event.model_json_schema(), indent=2) + "\n"
    return schemas


if __name__ == "__main__":
    for name, content in generate().items():
        (Path(__file__).parent / name).write_text(content)
