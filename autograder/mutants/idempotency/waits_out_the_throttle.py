"""A transaction that is throttled is tried seven times, after longer and longer pauses. That is more than
the 30 seconds of the handler, and so the records that are done come back with it.

Loses: refused
"""

award_once = award


def award(event_id, order):
    for attempt in range(1, 8):
        try:
            return award_once(event_id, order)
        except dynamodb.exceptions.TransactionCanceledException as error:
            reasons = {reason["Code"] for reason in error.response["CancellationReasons"]}
            if not reasons & {"ThrottlingError", "TransactionConflict"} or attempt == 7:
                raise
            time.sleep(0.5 * 2**attempt)
