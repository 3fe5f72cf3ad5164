"""What goes wrong for loyalty alone, beside what `autograder.explore` has for all labs."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.explore import Calls, Disturbance, cancellations_for, changes
from autograder.schedule import Schedule
from localcloud import cancel, cut, kill, refuse

cancellations = cancellations_for(
    ("ThrottlingError", 1),
    ("ThrottlingError", None),
    ("TransactionConflict", 1),
    ("TransactionConflict", None),
    ("ProvisionedThroughputExceeded", None),
    ("ValidationError", None),
)
"""DynamoDB cancels each transaction, and not for a condition: once, or for the rest of the invocation."""


def _refused_operations(calls: Calls) -> Iterator[Schedule]:
    for operation in dict.fromkeys(call.operation for call in calls):
        for code in ("throttled", "AccessDeniedException"):
            yield Schedule((refuse(code, operation=operation, times=None),))


refused_operations = Disturbance(_refused_operations)
"""For the rest of an invocation, of all its records, AWS refuses one kind of call."""


def _denials(calls: Calls) -> Iterator[Schedule]:
    for number, call in enumerate(calls, 1):
        denied = refuse("AccessDeniedException", at=number, times=None, operation=call.operation)
        yield Schedule((denied,))


denials = Disturbance(_denials)
"""One call is denied, and for the rest of the invocation all of its kind are."""

RECORDS = 3


def _refused_from_the_second_record(calls: Calls) -> Iterator[Schedule]:
    operations = [call.operation for call in calls]
    each = len(operations) // RECORDS
    if operations != operations[:each] * RECORDS:
        return  # not record by record, so nobody can say which calls are whose
    for at, operation in enumerate(operations[each : 2 * each], each + 1):
        if operation in ("TransactWriteItems", "ExecuteTransaction"):
            refused = cancel("ThrottlingError", at=at, times=None, operation=operation)
        else:
            refused = refuse("throttled", at=at, times=None, operation=operation)
        yield Schedule((refused,))
        yield Schedule((cut(at=at, times=None, operation=operation),))


refused_from_the_second_record = Disturbance(_refused_from_the_second_record)
"""The first of `RECORDS` records is done; from then on AWS refuses one kind of call, or is out of reach."""


def _killed_while_the_other_works(calls: Calls) -> Iterator[Schedule]:
    own = [call for call in calls if call.caller.endswith(" A")]
    for done, call in enumerate(own[:-1], 1):
        if changes(call):
            turns = (("A", done), ("B", None), ("A", None))
            yield Schedule((kill("before", at=done + 1),), turns)


killed_while_the_other_works = Disturbance(_killed_while_the_other_works)
"""The first worker stops after a call, the second does all its work, and the first is killed."""
