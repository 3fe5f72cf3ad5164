"""A table of counters that small handlers change, and the search for what breaks them."""

from __future__ import annotations

import threading

from autograder.search import Finding, Search
from autograder.world import World

PREAMBLE = """
import boto3, json, os
dynamodb = boto3.client("dynamodb")
def item(key, n):
    return {"id": {"S": key}, "n": {"N": str(n)}}
def read(key):
    found = dynamodb.get_item(TableName="counters", Key={"id": {"S": key}}).get("Item")
    return int(found["n"]["N"]) if found else 0
def write(key, n, **condition):
    dynamodb.put_item(TableName="counters", Item=item(key, n), **condition)
"""


def counters(world: World) -> dict[str, int]:
    found = world.look("dynamodb").scan(TableName="counters")["Items"]
    return {item["id"]["S"]: int(item["n"]["N"]) for item in found}


def make_table(world: World) -> None:
    world.look("dynamodb").create_table(
        TableName="counters",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )


def search(benches, *situations) -> Finding:
    found: dict[str, Finding] = {}
    looking = Search([(1, "it", situations)], lambda name, it: found.update({name: it}), 120)
    lanes = [threading.Thread(target=looking.work, args=(bench,)) for bench in benches]
    for lane in lanes:
        lane.start()
    while any(lane.is_alive() for lane in lanes):
        lanes[0].join(0.05)
        looking.look()
    looking.finish()
    return found["it"]
