"""A request of several entries of which AWS takes only some: how such a call is split and answered.

* PutEvents answers one result an entry, in their order
  (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html);
* SendMessageBatch and DeleteMessageBatch list what failed apart
  (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html);
* BatchWriteItem returns what was not processed as it came
  (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

Params = dict[str, Any]
OPERATIONS = ("PutEvents", "SendMessageBatch", "DeleteMessageBatch", "BatchWriteItem")


def count(operation: str, params: Params) -> int:
    """How many entries a request has; 0 for an operation that takes all or nothing."""
    if operation not in OPERATIONS:
        return 0
    return len(_flat(operation, params))


def without(operation: str, params: Params, refused: Collection[int]) -> Params | None:
    """The request with only the entries that are taken (numbered from 1); None when there are none."""
    kept = [e for n, e in enumerate(_flat(operation, params), 1) if n not in refused]
    if not kept:
        return None
    if operation != "BatchWriteItem":
        return {**params, "Entries": kept}
    return {**params, "RequestItems": _by_table(kept)}


def answer(operation: str, params: Params, refused: Collection[int], taken: Params) -> Params:
    """The answer to the whole request, made from `taken`, the answer for the entries that were taken."""
    lost = [e for n, e in enumerate(_flat(operation, params), 1) if n in refused]
    if operation == "PutEvents":
        results = iter(taken.get("Entries", []))
        failed = {"ErrorCode": "InternalFailure", "ErrorMessage": "The event was not taken."}
        entries = [
            failed if n in refused else next(results)
            for n in range(1, count(operation, params) + 1)
        ]
        failed_count = sum("ErrorCode" in entry for entry in entries)
        return {**taken, "Entries": entries, "FailedEntryCount": failed_count}
    if operation == "BatchWriteItem":
        unprocessed = _by_table(lost)
        for table, writes in taken.get("UnprocessedItems", {}).items():
            unprocessed.setdefault(table, []).extend(writes)
        return {**taken, "UnprocessedItems": unprocessed}
    failures = [
        {"Id": e.get("Id"), "Code": "InternalError", "Message": "Not taken.", "SenderFault": False}
        for e in lost
    ]
    return {
        **taken,
        "Successful": taken.get("Successful", []),
        "Failed": [*taken.get("Failed", []), *failures],
    }


def _flat(operation: str, params: Params) -> list[Any]:
    if operation != "BatchWriteItem":
        entries = params.get("Entries")
        return entries if isinstance(entries, list) else []
    tables = params.get("RequestItems")
    if not isinstance(tables, dict):
        return []
    return [(table, write) for table, writes in tables.items() for write in writes]


def _by_table(writes: list[tuple[str, Any]]) -> dict[str, list[Any]]:
    tables: dict[str, list[Any]] = {}
    for table, write in writes:
        tables.setdefault(table, []).append(write)
    return tables
