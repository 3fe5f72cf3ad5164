"""DynamoDB's replicas: an eventually consistent read may come to one that lacks the latest changes.

DynamoDB keeps copies of each table and reads from any of them unless ``ConsistentRead`` is asked for;
they usually agree within a second, and nothing is promised.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.core.responses import get_account_id, get_region

LAG_S = 10.0
"""How long after a change a replica may lack it, of time that is let pass: a slow machine changes nothing."""

behind: ContextVar[bool] = ContextVar("behind", default=False)
"""Whether the call in hand is answered by a replica that lacks the latest changes."""

_WRITES = (
    *("_put_item", "_update_item", "_delete_item", "_batch_write_item", "_transact_write_items"),
    *("_execute_statement", "_batch_execute_statement", "_execute_transaction"),
)
_READS = (
    *("_get_item", "_batch_get_item", "_query", "_scan"),
    *("_execute_statement", "_batch_execute_statement"),  # SELECT
)
_Answer = Callable[[dict], Any]
_Key = tuple[str, str]


class Replicas:
    """What the items of some accounts were before the latest change of each."""

    def __init__(self, passed: Callable[[], float]) -> None:
        """`passed`: seconds that were let pass so far."""
        self._passed = passed
        self.accounts: set[str] = set()
        """For which this is remembered."""
        self._before: dict[tuple[str, str, str], dict[_Key, tuple[float, dict | None]]] = {}

    def adapt(self, module: Any) -> None:
        """Let MiniStack's DynamoDB remember, and answer from there where `behind` says so."""
        for name in _WRITES:
            setattr(module, name, self._remembering(module, getattr(module, name)))
        for name in _READS:
            setattr(module, name, self._remembered(module, getattr(module, name)))

    def _remembering(self, module: Any, write: _Answer) -> _Answer:
        def written(data: dict) -> Any:
            if get_account_id() not in self.accounts:
                return write(data)
            # MiniStack puts a new item in the place of a changed one: the old ones need no copying.
            kept = {name: _flat(table) for name, table in module._tables.items()}
            answer = write(data)
            for name, items in kept.items():
                now = _flat(module._tables[name]) if name in module._tables else {}
                changes = self._before.setdefault(self._place(name), {})
                for key in {*items, *now}:
                    if items.get(key) != now.get(key):
                        changes[key] = (self._passed(), items.get(key))
            return answer

        return written

    def _remembered(self, module: Any, read: _Answer) -> _Answer:
        def answered(data: dict) -> Any:
            if not behind.get():
                return read(data)
            latest = dict(module._tables.items())
            for name, table in latest.items():
                # Without the index, which MiniStack then makes anew.
                module._tables[name] = {
                    k: v for k, v in table.items() if k != module._INDEX_MEMBERS
                } | {"items": self._lagging(name, table)}
            try:
                return read(data)
            finally:
                for name, table in latest.items():
                    module._tables[name] = table

        return answered

    def _lagging(self, name: str, table: dict) -> dict[str, dict[str, dict]]:
        """A table's items as a replica has them that lacks the latest change of each."""
        lagging = {first: dict(items) for first, items in table["items"].items()}
        for (first, second), (changed, item) in self._before.get(self._place(name), {}).items():
            if self._passed() - changed <= LAG_S:
                lagging.setdefault(first, {}).pop(second, None)
                if item is not None:
                    lagging[first][second] = item
        return lagging

    @staticmethod
    def _place(table: str) -> tuple[str, str, str]:
        return get_account_id(), get_region(), table


def _flat(table: dict) -> dict[_Key, dict]:
    return {
        (first, second): item
        for first, items in table["items"].items()
        for second, item in items.items()
    }
