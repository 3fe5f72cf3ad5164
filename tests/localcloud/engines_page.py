"""Makes chapters/reference/engines.md from the catalogue of behaviours and what was recorded of the engines.

python tests/localcloud/engines_page.py
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path

import catalogue

PAGE = catalogue.HERE.parents[1] / "chapters" / "reference" / "engines.md"
_SIGNS = {"works": "✓", "lacks": "✗", "untested": "–"}
_ROLES = {
    "MiniStack": "the embedded engine, [MiniStack](https://pypi.org/project/ministack/) and more",
    "LocalStack": "[LocalStack](https://docs.localstack.cloud/)",
    "LocalEmu": "[LocalEmu](https://pypi.org/project/localemu/), made from LocalStack",
}

_INTRODUCTION = (catalogue.HERE / "engines_page.md").read_text(encoding="utf-8")


def page() -> str:
    """Return the page's text."""
    behaviours, records = catalogue.behaviours(), catalogue.records()
    parts = [
        _INTRODUCTION.format(
            count=len(behaviours), engines="\n".join(_engine(record) for record in records)
        )
    ]
    header = "| The course relies on | " + " | ".join(r.name for r in records) + " | Source |"
    rule = "|---" * (len(records) + 2) + "|"
    for service, group in groupby(behaviours, lambda behaviour: behaviour.service):
        rows = [_row(behaviour, records) for behaviour in group]
        parts.append("\n".join([f"## {service}", "", header, rule, *rows, ""]))
    return "\n".join(parts)


def _engine(record: catalogue.Record) -> str:
    counts = Counter(result for result, _ in record.results.values())
    cells = [_ROLES[record.engine], record.version, record.date]
    cells += [str(counts[result]) for result in _SIGNS]
    return "| " + " | ".join(cells) + " |"


def _row(behaviour: catalogue.Behaviour, records: list[catalogue.Record]) -> str:
    cells = [behaviour.says]
    for record in records:
        result, note = record.results[behaviour.id]
        cells.append(f"{_SIGNS[result]} {note}".strip())
    cells.append(f"[AWS]({behaviour.docs})")
    return "| " + " | ".join(cells) + " |"


def write(path: Path = PAGE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
