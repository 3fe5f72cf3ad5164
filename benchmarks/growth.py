"""How exploring a solution grows with the number of its AWS calls."""

from __future__ import annotations

import threading
import time

from rich.console import Console
from rich.table import Table

from autograder.engines import Engines
from autograder.explore import crash_pairs, crashes, interleavings, refusals
from autograder.grading import open_bench
from autograder.labs import load_lab
from autograder.search import Finding, Search
from autograder.world import World

CALLS = (2, 5, 10, 20)
SOLUTION = """
import boto3
dynamodb = boto3.client("dynamodb")
def handler():
    for number in range({calls}):
        dynamodb.put_item(TableName="written", Item={{"id": {{"S": str(number)}}}})
"""


def _table(world: World) -> None:
    world.look("dynamodb").create_table(
        TableName="written",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )


def alone(world: World) -> None:
    _table(world)
    while world.invoke("handler").kind != "returned":
        pass


def two(world: World) -> None:
    _table(world)
    world.at_once(("handler",), ("handler",))


EXPLORED = {
    "crashes": (alone, (crashes,)),
    "pairs of crashes": (alone, (crash_pairs,)),
    "refusals": (alone, (refusals,)),
    "interleavings": (two, (interleavings,)),
}


def explore(name: str, calls: int, engines: Engines) -> tuple[int, float]:
    """Histories run, and seconds."""
    lab, found = load_lab("dlq"), list[Finding]()
    source = SOLUTION.format(calls=calls).encode()
    started = time.monotonic()
    search = Search([(1, name, [EXPLORED[name]])], lambda _, finding: found.append(finding), 600)

    def lane(cloud: object) -> None:
        with open_bench(lab, source, cloud) as bench:  # type: ignore[arg-type]
            search.work(bench)

    lanes = [threading.Thread(target=lane, args=(cloud,)) for cloud in engines.clouds]
    for each in lanes:
        each.start()
    for each in lanes:
        each.join()
    search.finish()
    return search.runs, time.monotonic() - started


def main() -> None:
    table = Table("explored", *(f"{calls} calls" for calls in CALLS))
    with Engines(load_lab("dlq")) as engines:
        for name in EXPLORED:
            cells = []
            for calls in CALLS:
                runs, seconds = explore(name, calls, engines)
                cells.append(f"{runs} in {seconds:.1f} s")
            table.add_row(name, *cells)
    Console().print(table)


if __name__ == "__main__":
    main()
