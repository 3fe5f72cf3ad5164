"""A set of seen ids in memory spares DynamoDB a call; the id goes in first, so a refused visit is taken
for done when it comes again.

Loses: crash
"""

seen = set()
really_store = store


def store(visit):
    if visit["visit_id"] in seen:
        return
    seen.add(visit["visit_id"])
    really_store(visit)
