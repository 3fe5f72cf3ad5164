"""put_item without a condition, which is what the shortest example shows: a visit delivered again
undoes a correction.

Loses: again
"""


def store(visit):
    table.put_item(Item={field: visit[field] for field in ("visit_id", "guest")})
