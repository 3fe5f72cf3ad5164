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
    "MiniStack": "the embedded engine, [MiniStack](https://pypi.org/project/ministack/)",
    "LocalStack": "[LocalStack](https://docs.localstack.cloud/)",
    "LocalEmu": "[LocalEmu](https://pypi.org/project/localemu/), made from LocalStack",
}

_INTRODUCTION = """\
% Made by tests/localcloud/engines_page.py from what the tests recorded: change that, not this.

# What each engine does

The calls of this book are answered by an emulator on your machine, and an emulator is not AWS. \
This page says what each one does of what the book relies on.

It is made from tests: {count} behaviours, one test each, run on each engine.

| | |
|---|---|
| ✓ | The engine did it. |
| ✗ | The engine does something else; the cell says what. |
| – | It was not tried on this engine; the cell says why. |

No test of this course ever reaches AWS. That AWS does what a row says is what AWS's own documentation says, and each row links to it. \
This book never claims for AWS what only an emulator showed.

## The engines

| Engine | Version | Tried on | ✓ | ✗ | – |
|---|---|---|--:|--:|--:|
{engines}

Neither LocalStack nor LocalEmu has a clock to move, so what takes longer than a quarter of a minute was not tried there. \
Both run Lambda functions in Docker, and LocalStack downloads its DynamoDB and its Kinesis when they are first used; the machine on which they were tried had neither Docker nor the internet. \
On yours, those rows may well be a ✓.

## What this means for you

Every page and every lab runs on the embedded engine. Where a page is about something that has a ✗ in its column, the page says so and shows what it can.

What behaves alike on two engines that nobody wrote together, and as AWS documents it, is a good bet. A single ✗ is a fact about that engine, not about AWS.

No engine here checks permissions as it is started for this course: that a call works on an engine does not mean that your role may make it on AWS.

## Choose an engine

| You want to | Take |
|---|---|
| read, run the cells, do the labs | the embedded engine: it is there already, and its clock can be moved |
| have a second opinion on your code, and have Docker | LocalStack: `docker compose up --detach --wait`, then `COURSE_ENGINE=localstack` |
| know for certain | AWS, with an account, a budget and an afternoon: `COURSE_ENGINE=aws` |

[Set up the kitchen](../welcome/set-up-the-kitchen.md) has the commands. To try an engine that is not in the table, start it and say

```console
$ AWS_ENDPOINT_URL=http://127.0.0.1:4566 \\
    .venv/bin/python -m pytest tests/localcloud --engine localstack
```
"""


def page() -> str:
    """Return the page's text."""
    behaviours, records = catalogue.behaviours(), catalogue.records()
    parts = [
        _INTRODUCTION.format(
            count=len(behaviours), engines="\n".join(_engine(record) for record in records)
        )
    ]
    header = "| The course relies on | " + " | ".join(r.name for r in records) + " | |"
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
