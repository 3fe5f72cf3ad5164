"""The behaviours that the course relies on, the engines, and what was seen of each on each."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import httpx
import yaml

HERE = Path(__file__).parent
RECORDS = HERE / "results"
AWS_DOCUMENTATION = "https://docs.aws.amazon.com/"

Result = Literal["works", "lacks", "untested"]


@dataclass(frozen=True)
class Behaviour:
    """Something AWS does and the course relies on; `lacks`: engine → what it does instead."""

    id: str
    service: str
    says: str
    docs: str
    lacks: dict[str, str]


@dataclass
class Record:
    """What one engine did on one day: behaviour id → (result, note)."""

    engine: str
    version: str
    date: str
    results: dict[str, tuple[Result, str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.engine} {self.version}"

    def write(self, path: Path) -> None:
        behaviours = {
            behaviour: {"result": result, **({"note": note} if note else {})}
            for behaviour, (result, note) in self.results.items()
        }
        record = {
            "engine": self.engine,
            "version": self.version,
            "date": self.date,
            "behaviours": behaviours,
        }
        path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Record:
        record = json.loads(path.read_text(encoding="utf-8"))
        results = {
            behaviour: (found["result"], found.get("note", ""))
            for behaviour, found in record.pop("behaviours").items()
        }
        return cls(**record, results=results)


def behaviours() -> list[Behaviour]:
    """Return all behaviours in the order of the catalogue."""
    catalogue = yaml.safe_load((HERE / "catalogue.yaml").read_text(encoding="utf-8"))
    return [
        Behaviour(
            id=entry["id"],
            service=service,
            says=entry["says"],
            docs=AWS_DOCUMENTATION + entry["docs"],
            lacks=entry.get("lacks", {}),
        )
        for service, entries in catalogue.items()
        for entry in entries
    ]


def records() -> list[Record]:
    """Return what was recorded, the embedded engine first."""
    found = [Record.read(path) for path in sorted(RECORDS.glob("*.json"))]
    return sorted(found, key=lambda record: (record.engine != "MiniStack", record.engine))


def engine_under_test(kind: str) -> tuple[str, str]:
    """Return (name, version) of the engine: the embedded one, or the one at ``AWS_ENDPOINT_URL``."""
    if kind == "embedded":
        return "MiniStack", version("ministack")
    url = os.environ.get("AWS_ENDPOINT_URL", "http://127.0.0.1:4566").rstrip("/")
    for name, path in (("LocalEmu", "/_localemu/health"), ("LocalStack", "/_localstack/health")):
        reply = httpx.get(url + path, timeout=5, trust_env=False)
        if reply.status_code == 200:
            return name, reply.json()["version"]
    raise RuntimeError(f"no engine that is known here answers at {url}")
