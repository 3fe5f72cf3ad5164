"""What goes wrong between the order service, its table and its bus, beyond what every lab has."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile, takewhile
from typing import Any

from autograder.explore import Calls, Disturbance, changes
from autograder.schedule import Schedule
from localcloud import Call, cut, lose_reply, refuse, refuse_entries

ATTEMPTS = 3  # of the SDK at one call
LONG = 10  # attempts to publish that a long outage meets


def _publishing(calls: Calls) -> list[tuple[int, Call]]:
    """The calls from the first attempt to publish on, with their numbers."""
    return list(dropwhile(lambda pair: pair[1].operation != "PutEvents", enumerate(calls, 1)))


def _at_the_first_event(calls: Calls) -> Iterator[Schedule]:
    for done, (number, call) in enumerate(_publishing(calls)):
        if done and call.operation == "PutEvents":
            return
        yield Schedule(tuple(refuse("throttled", at=number + n) for n in range(ATTEMPTS)))
        if changes(call):
            yield Schedule((lose_reply(at=number),))


def _at_the_last_event(calls: Calls) -> Iterator[Schedule]:
    last = {call.operation: number for number, call in _publishing(calls)}
    for operation, number in last.items():
        which: dict[str, Any] = {"at": number, "times": None, "operation": operation}
        yield Schedule((refuse("throttled", **which),))
        yield Schedule((cut(**which),))
        if operation == "PutEvents":
            yield Schedule((lose_reply(**which),))
            yield Schedule((refuse_entries(**which),))


def _from_the_first_event_on(calls: Calls) -> Iterator[Schedule]:
    met: set[str] = set()
    for number, call in _publishing(calls):
        if call.operation not in met and changes(call):
            met.add(call.operation)
            which: dict[str, Any] = {"at": number, "times": None, "operation": call.operation}
            bus = call.operation == "PutEvents"
            yield Schedule((refuse_entries(**which) if bus else refuse("throttled", **which),))


def _at_the_last_call_of_the_bus(calls: Calls) -> Iterator[Schedule]:
    puts = [(number, call) for number, call in _publishing(calls) if call.operation == "PutEvents"]
    for number, call in puts[-1:]:
        for entry in range(1, call.entries + 1):
            yield Schedule((refuse_entries(entry, at=number),))


def _bus_is_down_for_long(calls: Calls) -> Iterator[Schedule]:
    yield Schedule((refuse_entries(times=LONG, operation="PutEvents"),))


def _refused_while_ordering(calls: Calls) -> Iterator[Schedule]:
    ordering = takewhile(lambda pair: pair[1].operation != "PutEvents", enumerate(calls, 1))
    for number, call in ordering:
        which: dict[str, Any] = {"at": number, "times": None, "operation": call.operation}
        yield Schedule((refuse("throttled", **which),))
        if changes(call):
            yield Schedule((lose_reply(**which),))


at_the_first_event = Disturbance(_at_the_first_event)
"""Each call that concerns the first event fails in spite of all attempts, or loses its reply; the next
event meets no trouble."""

at_the_last_event = Disturbance(_at_the_last_event)
"""The last call of each kind does not get through for the rest of the invocation, in one way or another."""

from_the_first_event_on = Disturbance(_from_the_first_event_on)
"""For the rest of the invocation the bus takes nothing, or what changes the table is refused."""

at_the_last_call_of_the_bus = Disturbance(_at_the_last_call_of_the_bus)
"""Of the last call that publishes one entry is not taken, each in turn."""

bus_is_down_for_long = Disturbance(_bus_is_down_for_long)
"""The bus takes nothing, however often the handler is invoked meanwhile; then it does again."""

refused_while_ordering = Disturbance(_refused_while_ordering)
"""Each call that places or confirms is refused, or loses its reply, for the rest of the invocation."""
